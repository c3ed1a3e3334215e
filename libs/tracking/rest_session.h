// Requests to a platform's REST API: one at a time through the gate, the answer read as JSON, every failure a
// TrackingError without a secret. What is particular to a platform is how it tells errors.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/http/client.h"
#include "libs/tracking/platform_client.h"
#include "libs/tracking/request_gate.h"
#include "libs/tracking/tracking_platform.h"

namespace trunkline::tracking {

struct ApiRequest {
  std::string method = "GET";
  std::string url;
  std::string endpoint;  // the template, for errors, metrics and logs
  Resource resource = Resource::kOther;
  http::Headers headers = {};
  std::string body = {};
  std::string username = {};  // HTTP Basic
  std::string password = {};
  // A request that must not be sent twice: its loss is told as such, not as something to try again.
  bool once_only = false;
};

struct ApiAnswer {
  int status = 0;
  nlohmann::json body;  // null when it is no JSON
  std::string text;     // the body as it came
  http::Headers headers;
  Receipt receipt;
};

class RestSession {
 public:
  // Completes the error of an answer that is one; sees answers of every HTTP status, and makes one an error by setting
  // its code. `error` comes with the code of the HTTP status, if that is none of success.
  using ErrorReader = void (*)(const ApiAnswer& answer, v1::TrackingError* error);

  RestSession(std::string_view platform, const PlatformOptions& options, absl::Duration timeout, ErrorReader reader);

  // Adds to `receipt` what it cost, error or not.
  absl::StatusOr<ApiAnswer> Ask(const Account& account, const ApiRequest& request, Receipt* receipt);

  // An error of this platform.
  absl::Status Fail(v1::TrackingErrorCode code, std::string_view message) const;

 private:
  absl::Status FailureOf(const Account& account, const ApiRequest& request, const absl::Status& sent,
                         SentRequest* told) const;
  absl::Status FailureOf(const Account& account, const ApiRequest& request, const ApiAnswer& answer,
                         SentRequest* told) const;

  std::string platform_;
  absl::Duration timeout_;
  ErrorReader reader_;
  RequestGate* gate_;
  const Clock& clock_;
  http::Client client_;
};

// The text of "error", "errors" or "message" of an answer, whatever its shape; else the beginning of the body.
std::string ErrorTextOf(const ApiAnswer& answer);

}  // namespace trunkline::tracking
