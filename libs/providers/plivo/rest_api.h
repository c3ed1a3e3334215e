// Requests to Plivo's REST API (https://www.plivo.com/docs/voice/api/overview). Every path ends in a slash, bodies are
// JSON, lists come in pages of at most 20.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/encoding.h"
#include "libs/http/client.h"
#include "libs/providers/plivo/rest_answer.h"
#include "libs/providers/provider.h"
#include "libs/providers/recording_client.h"

namespace trunkline::providers::plivo {

// Thread-safe. An answer of any HTTP status is a success here; else the errors are those of libs/http/client.h.
class RestApi {
 public:
  explicit RestApi(const ProviderOptions& options);

  absl::StatusOr<RestAnswer> Get(const Account& account, const std::string& url);
  absl::StatusOr<RestAnswer> Post(const Account& account, const std::string& url, const nlohmann::json& body);
  absl::StatusOr<RestAnswer> Delete(const Account& account, const std::string& url);
  // The bytes at a URL outside the API; with the account's credentials only where they may go.
  absl::StatusOr<http::Response> Download(const Account& account, const std::string& url, std::string_view range,
                                          MediaSink& sink);

  // Gives every object of a list, page by page, to the end. `visit` may end it with an error. UNAVAILABLE for a list
  // that cannot be read in full.
  absl::Status ForEach(const Account& account, std::string_view resource, Form query,
                       const std::function<absl::Status(const nlohmann::json& object)>& visit);

 private:
  absl::StatusOr<RestAnswer> Ask(const Account& account, std::string_view method, const std::string& url,
                                 std::string body);

  absl::Duration timeout_;
  http::Client client_;
};

// True for what can be an id of Plivo's in a path. Anything else must not get there: "/Call/./" is the path of all
// calls of the account.
bool IsPathId(std::string_view text);

// The URL of a resource of the account: "/Call/" and the like.
std::string ResourceUrl(const Account& account, std::string_view resource);
// "/Call/{uuid}/" and what is below it: "Play/".
std::string CallUrl(const Account& account, std::string_view call_uuid, std::string_view below = {});

}  // namespace trunkline::providers::plivo
