// Calls over Twilio's REST API (https://www.twilio.com/docs/voice/api/call-resource).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/http/client.h"
#include "libs/providers/provider.h"
#include "libs/providers/twilio/account_settings.h"
#include "libs/providers/twilio/rest_answer.h"

namespace trunkline::providers::twilio {

class RestClient final : public CallClient {
 public:
  explicit RestClient(const ProviderOptions& options);

  DialOutcome PlaceCall(const Account& account, const DialRequest& request) override;
  absl::StatusOr<ProviderCall> FetchCall(const Account& account, std::string_view external_call_id) override;
  absl::StatusOr<std::vector<ProviderCall>> ListCalls(const Account& account, std::string_view from,
                                                      std::string_view to, absl::Time since) override;
  absl::Status EndCall(const Account& account, std::string_view external_call_id) override;
  // FAILED_PRECONDITION also for a plan whose TwiML is longer than the 4,000 characters that Twilio takes here.
  absl::Status UpdateCall(const Account& account, std::string_view external_call_id, std::string_view call_id,
                          const plans::v1::CallPlan& plan) override;
  absl::StatusOr<std::vector<AccountProblem>> CheckAccount(const Account& account) override;

 private:
  absl::StatusOr<RestAnswer> Get(const std::string& url, const ApiCredentials& credentials);
  absl::StatusOr<RestAnswer> Post(const Account& account, const std::string& url, const Form& form);
  // Adds to `calls` those of a list, page by page.
  absl::Status AddCalls(const Account& account, const Form& filter, absl::Time since, std::vector<ProviderCall>* calls);
  // Adds to `problems` what is wrong with one pair of credentials.
  absl::Status Probe(const Account& account, const ApiCredentials& credentials, std::string_view field,
                     std::vector<AccountProblem>* problems);

  ProviderOptions options_;
  http::Client client_;
};

}  // namespace trunkline::providers::twilio
