#include "libs/providers/twilio/rest_answer.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/twilio/errors.h"

namespace trunkline::providers::twilio {
namespace {

constexpr int64_t kLargestCode = 10'000'000;

absl::StatusCode StatusCodeOf(const calls::v1::CallError& error) {
  switch (error.code()) {
    case calls::v1::CALL_ERROR_CODE_NOT_FOUND:
      return absl::StatusCode::kNotFound;
    case calls::v1::CALL_ERROR_CODE_UNAUTHORIZED:
      return absl::StatusCode::kPermissionDenied;
    case calls::v1::CALL_ERROR_CODE_UNSUPPORTED:
      return absl::StatusCode::kUnimplemented;
    case calls::v1::CALL_ERROR_CODE_RATE_LIMITED:
    case calls::v1::CALL_ERROR_CODE_UNAVAILABLE:
    case calls::v1::CALL_ERROR_CODE_TIMEOUT:
    case calls::v1::CALL_ERROR_CODE_BAD_RESPONSE:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kFailedPrecondition;
  }
}

}  // namespace

RestAnswer ReadAnswer(const http::Response& response) {
  RestAnswer answer;
  answer.http_status = response.status;
  answer.body = nlohmann::json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (!answer.HasBody()) return answer;
  answer.code =
      static_cast<int>(std::clamp<int64_t>(ParseInt(JsonText(answer.body, "code")).value_or(0), 0, kLargestCode));
  answer.message = JsonText(answer.body, "message");
  return answer;
}

std::string JsonText(const nlohmann::json& object, std::string_view name) {
  if (!object.is_object()) return {};
  const auto member = object.find(std::string(name));
  if (member == object.end()) return {};
  if (member->is_string()) return ToStorableText(member->get_ref<const std::string&>());
  return member->is_number() ? member->dump() : std::string();
}

calls::v1::CallError ErrorOf(const RestAnswer& answer) {
  return ErrorOfAnswer(answer.http_status, answer.code, answer.message);
}

absl::Status StatusOf(const RestAnswer& answer) {
  const calls::v1::CallError error = ErrorOf(answer);
  // Whatever the words of a 408 or 5xx are, the same may succeed later.
  const bool later = answer.http_status == 408 || answer.http_status == 429 || answer.http_status >= 500;
  return absl::Status(later ? absl::StatusCode::kUnavailable : StatusCodeOf(error),
                      ToAbsl(Concat("twilio: ", error.message(), " (", error.provider_code(), ")")));
}

absl::Status StatusOfNoAnswer(const absl::Status& sent) {
  const bool wrong_url = sent.code() == absl::StatusCode::kInvalidArgument;
  return absl::Status(wrong_url ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kUnavailable,
                      ToAbsl(Concat("twilio: no answer: ", ToStd(sent.message()))));
}

}  // namespace trunkline::providers::twilio
