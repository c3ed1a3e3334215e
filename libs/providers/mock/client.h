// Calls of the made-up exchange.
#pragma once

#include "libs/providers/mock/exchange.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

class Client final : public CallClient {
 public:
  // `exchange` outlives the object.
  explicit Client(Exchange& exchange);

  DialOutcome PlaceCall(const Account& account, const DialRequest& request) override;
  std::vector<DialOutcome> PlaceCalls(const Account& account, const BulkDialRequest& request) override;
  absl::StatusOr<ProviderCall> FetchCall(const Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<ProviderCall>> ListCalls(const Account& account, const CallFilter& filter) override;
  absl::Status EndCall(const Account& account, std::string_view external_call_id) override;
  // There is nobody to ask: what CheckAccountForm says.
  absl::StatusOr<std::vector<AccountProblem>> CheckAccount(const Account& account) override;

 private:
  Exchange& exchange_;
};

}  // namespace trunkline::providers::mock
