// Placing calls and finding out about them over Plivo's REST API (https://www.plivo.com/docs/voice/api/call).
//
// Plivo keeps live calls, queued calls and the records of ended ones apart; whoever looks for a call asks all three.
#pragma once

#include "libs/providers/plivo/rest_api.h"
#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

class RestClient final : public CallClient {
 public:
  // `api` outlives the object.
  RestClient(const ProviderOptions& options, RestApi& api);

  DialOutcome PlaceCall(const Account& account, const DialRequest& request) override;
  // One request for at most 1,000 numbers. Plivo takes all of them or none.
  std::vector<DialOutcome> PlaceCalls(const Account& account, const BulkDialRequest& request) override;
  absl::StatusOr<ProviderCall> FetchCall(const Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<ProviderCall>> ListCalls(const Account& account, const CallFilter& filter) override;
  absl::Status EndCall(const Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<AccountProblem>> CheckAccount(const Account& account) override;

 private:
  // A call that is live or has ended.
  absl::StatusOr<ProviderCall> FetchStarted(const Account& account, std::string_view external_call_id);
  // A call that is in progress ("live") or waits ("queued"); NOT_FOUND when it is not.
  absl::StatusOr<ProviderCall> FetchWaiting(const Account& account, std::string_view uuid, std::string_view status);
  absl::Status AddWaiting(const Account& account, std::string_view status, std::vector<ProviderCall>* calls);
  absl::Status AddRecords(const Account& account, const CallFilter& filter, std::vector<ProviderCall>* calls);

  ProviderOptions options_;
  RestApi& api_;
};

}  // namespace trunkline::providers::plivo
