// Requests to Exotel's API. Credentials go into the Authorization header, never into a URL.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/encoding.h"
#include "libs/http/client.h"
#include "libs/providers/exotel/rest_answer.h"
#include "libs/providers/provider.h"
#include "libs/providers/recording_client.h"

namespace trunkline::providers::exotel {

// Thread-safe. An answer of any HTTP status is a success here; else the errors are those of libs/http/client.h.
class RestApi {
 public:
  explicit RestApi(const ProviderOptions& options);

  absl::StatusOr<RestAnswer> Get(const Account& account, const std::string& url);
  absl::StatusOr<RestAnswer> PostForm(const Account& account, const std::string& url, const Form& form);
  absl::StatusOr<RestAnswer> PostJson(const Account& account, const std::string& url, std::string body);
  // `content_type` of a body that is made already.
  absl::StatusOr<RestAnswer> Post(const Account& account, const std::string& url, std::string content_type,
                                  std::string body);
  // A file from anywhere, or a range of it, for the sink (see TransferMedia); with the account's credentials only when
  // told so.
  absl::StatusOr<http::Response> Fetch(const Account& account, const std::string& url, bool with_credentials,
                                       std::string_view range,
                                       const std::function<std::string(const http::Response&)>& type_of,
                                       MediaSink& sink);

 private:
  absl::StatusOr<RestAnswer> Send(const Account& account, http::ClientRequest request);

  absl::Duration timeout_;
  http::Client client_;
};

// "/Calls.json" below /v1/Accounts/{sid}, "/campaigns" below /v2/accounts/{sid}. The letters' case matters.
std::string V1Url(const Account& account, std::string_view resource);
std::string V2Url(const Account& account, std::string_view resource);

}  // namespace trunkline::providers::exotel
