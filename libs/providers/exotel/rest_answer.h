// An answer of Exotel's API, read without trusting it to be what it should.
//
// v1 answers XML unless it is asked for JSON, and sometimes nevertheless; both are read into the same shape:
//   {"Call":{...}}   {"RestException":{"Status":400,"Message":"...","Code":34001}}
// v2 answers an envelope:
//   {"request_id":"...","http_code":207,"response":[{"code":200,"status":"success","error_data":null,"data":{...}}]}
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/http/message.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::exotel {

struct RestAnswer {
  // The answer's own word where it contradicts the HTTP status: a 200 may carry a RestException.
  int status = 0;
  nlohmann::json body;  // discarded when it is neither JSON nor XML, as with the HTML of gateways between
  std::string code;
  std::string message;
  std::optional<absl::Duration> retry_after;

  bool IsSuccess() const { return status >= 200 && status < 300; }
  bool HasBody() const { return body.is_object(); }
};

RestAnswer ReadAnswer(const http::Response& response);

// A member that is text or a number, as text; empty when it is missing, null, "null" or something else.
std::string JsonText(const nlohmann::json& object, std::string_view name);
// A member that is an object or a list; null when there is none.
const nlohmann::json* JsonMember(const nlohmann::json& object, std::string_view name);

// The error of an answer that is none of success.
calls::v1::CallError ErrorOf(const RestAnswer& answer);
// The same as the status that CallClient promises, with the pause that Exotel asked for.
absl::Status StatusOf(const RestAnswer& answer);

// Of a v2 answer that counts elements: the first that is no success, as an answer of its own; nothing when all are.
std::optional<RestAnswer> FirstFailure(const RestAnswer& answer);
// The object of the first element; null when there is none.
const nlohmann::json* FirstData(const RestAnswer& answer);

}  // namespace trunkline::providers::exotel
