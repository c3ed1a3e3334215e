// An answer of the REST API, read without trusting it to be what it should
// (https://www.plivo.com/docs/voice/api/overview). Its errors have no codes: the HTTP status decides, and for what it
// leaves open, the text.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/http/message.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::plivo {

struct RestAnswer {
  int http_status = 0;
  nlohmann::json body;  // discarded when it is no JSON object, as with the HTML of gateways between
  std::string error;    // Plivo's words
  std::optional<absl::Duration> retry_after = std::nullopt;

  bool IsSuccess() const { return http_status >= 200 && http_status < 300; }
  bool IsNotFound() const { return http_status == 404; }
  bool HasBody() const { return body.is_object(); }
};

RestAnswer ReadAnswer(const http::Response& response);

// A member that is text or a number, as text; empty when it is missing, null or something else.
std::string JsonText(const nlohmann::json& object, std::string_view name);

// The error of an answer that is none of success.
calls::v1::CallError ErrorOf(const RestAnswer& answer);
// The same as the status that CallClient promises.
absl::Status StatusOf(const RestAnswer& answer);

}  // namespace trunkline::providers::plivo
