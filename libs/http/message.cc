#include "libs/http/message.h"

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::http {

std::string_view FindHeader(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoreCase(key, name)) return value;
  }
  return {};
}

std::string_view Request::Path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view Request::Query() const {
  const size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

Response JsonResponse(int status, std::string body) {
  return {.status = status, .headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

Response ErrorResponse(int status, std::string_view code, std::string_view message) {
  nlohmann::ordered_json body;
  body["error"]["code"] = code;
  body["error"]["message"] = message;
  // A message may quote bytes of a request: what is not UTF-8 is replaced, an error's answer must not fail itself.
  return JsonResponse(status, WriteJson(body));
}

}  // namespace trunkline::http
