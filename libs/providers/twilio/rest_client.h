// Calls over Twilio's REST API (https://www.twilio.com/docs/voice/api/call-resource).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/providers/provider.h"
#include "libs/providers/twilio/account_settings.h"
#include "libs/providers/twilio/rest_api.h"

namespace trunkline::providers::twilio {

class RestClient final : public CallClient {
 public:
  // `api` outlives the object.
  RestClient(const ProviderOptions& options, RestApi& api);

  DialOutcome PlaceCall(const Account& account, const DialRequest& request) override;
  absl::StatusOr<ProviderCall> FetchCall(const Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<ProviderCall>> ListCalls(const Account& account, const CallFilter& filter) override;
  absl::Status EndCall(const Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<AccountProblem>> CheckAccount(const Account& account) override;

 private:
  // Adds to `calls` those of a list that the filter lets through, page by page.
  absl::Status AddCalls(const Account& account, const Form& query, const CallFilter& filter,
                        std::vector<ProviderCall>* calls);
  // Adds to `problems` what is wrong with one pair of credentials.
  absl::Status Probe(const Account& account, const ApiCredentials& credentials, std::string_view field,
                     std::vector<AccountProblem>* problems);

  ProviderOptions options_;
  RestApi& api_;
};

}  // namespace trunkline::providers::twilio
