// Requests to Twilio's REST API (https://www.twilio.com/docs/usage/api).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/encoding.h"
#include "libs/http/client.h"
#include "libs/providers/provider.h"
#include "libs/providers/recording_client.h"
#include "libs/providers/twilio/account_settings.h"
#include "libs/providers/twilio/rest_answer.h"

namespace trunkline::providers::twilio {

// Thread-safe. An answer of any HTTP status is a success here; else the errors are those of libs/http/client.h.
class RestApi {
 public:
  explicit RestApi(const ProviderOptions& options);

  absl::StatusOr<RestAnswer> Get(const Account& account, const std::string& url);
  absl::StatusOr<RestAnswer> Get(const ApiCredentials& credentials, const std::string& url);
  absl::StatusOr<RestAnswer> Post(const Account& account, const std::string& url, const Form& form);
  absl::StatusOr<RestAnswer> Delete(const Account& account, const std::string& url);
  // A file, or a range of it, for the sink (see TransferMedia). Where the answer leads to another address, that one is
  // asked once, without the credentials.
  absl::StatusOr<http::Response> GetMedia(const Account& account, const std::string& url, std::string_view range,
                                          MediaSink& sink);

 private:
  absl::Duration timeout_;
  http::Client client_;
};

// The URL of a resource of the account: "/Calls.json", "/Calls/CA...json".
std::string ResourceUrl(const Account& account, std::string_view resource);
std::string CallUrl(const Account& account, std::string_view external_call_id);

}  // namespace trunkline::providers::twilio
