#include "libs/providers/twilio/rest_answer.h"

#include <algorithm>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/twilio/account_settings.h"
#include "libs/providers/twilio/errors.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

constexpr int64_t kLargestCode = 10'000'000;

}  // namespace

RestAnswer ReadAnswer(const http::Response& response) {
  RestAnswer answer;
  answer.http_status = response.status;
  answer.retry_after = ReadRetryAfter(http::FindHeader(response.headers, "retry-after"));
  answer.body = ParseJson(response.body);
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
  calls::v1::CallError error = ErrorOf(answer);
  // Whatever the words of a 408 or 5xx are, the same may succeed later.
  if (answer.http_status == 408 || answer.http_status == 429 || answer.http_status >= 500) error.set_retryable(true);
  return providers::StatusOf(kProviderName, error);
}

}  // namespace trunkline::providers::twilio
