#include "libs/providers/plivo/rest_answer.h"

#include <array>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/providers/provider_status.h"

namespace trunkline::providers::plivo {
namespace {

using calls::v1::CallError;
using calls::v1::CallErrorCode;

constexpr size_t kLongestMessage = 500;

// HTTP statuses from `first` to `last`, and words of the error's text that are looked for, in lower case; the first row
// that fits counts.
struct Row {
  int first;
  int last;
  std::string_view words;
  CallErrorCode code;
  bool retryable;
  std::string_view message;
};

constexpr std::array<Row, 20> kRows = {{
    {400, 400, "from", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the provider does not accept the caller id"},
    {400, 400, "caller", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false,
     "the provider does not accept the caller id"},
    {400, 400, "url", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the provider does not accept a URL"},
    {400, 400, "to ", calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false, "the number to call is not valid"},
    {400, 400, "'to'", calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false, "the number to call is not valid"},
    {400, 400, "destination", calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false, "the number to call is not valid"},
    {400, 400, "number", calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false, "the number to call is not valid"},
    {400, 400, "", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the provider does not accept a parameter"},
    {401, 401, "", calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false,
     "the provider does not accept the account's credentials"},
    {403, 403, "concurren", calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true, "too many calls at the provider at once"},
    {403, 403, "credit", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the account has no credit"},
    {403, 403, "", calls::v1::CALL_ERROR_CODE_REJECTED, false, "the account may not make this call"},
    {404, 404, "", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the provider does not know the call"},
    {405, 405, "", calls::v1::CALL_ERROR_CODE_UNSUPPORTED, false, "the provider has no such operation"},
    {408, 408, "", calls::v1::CALL_ERROR_CODE_TIMEOUT, true, "the provider did not get the request in time"},
    {409, 409, "", calls::v1::CALL_ERROR_CODE_WRONG_STATE, false, "the call is not in a state for this"},
    {422, 422, "", calls::v1::CALL_ERROR_CODE_REJECTED, false, "the provider cannot carry out the request"},
    {429, 429, "", calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true, "too many requests to the provider at once"},
    {500, 599, "", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the provider failed"},
    {400, 499, "", calls::v1::CALL_ERROR_CODE_REJECTED, false, "the provider refused the request"},
}};

bool Fits(const Row& row, int http_status, const std::string& text) {
  return http_status >= row.first && http_status <= row.last && text.find(row.words) != std::string::npos;
}

}  // namespace

RestAnswer ReadAnswer(const http::Response& response) {
  RestAnswer answer;
  answer.http_status = response.status;
  answer.retry_after = ReadRetryAfter(http::FindHeader(response.headers, "retry-after"));
  answer.body = ParseJson(response.body);
  if (!answer.HasBody()) return answer;
  answer.error = JsonText(answer.body, "error");
  // Text, or an object of parameters and what is wrong with each.
  const auto error = answer.body.find("error");
  if (error != answer.body.end() && error->is_object()) {
    answer.error = ToStorableText(error->dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  if (answer.error.size() > kLongestMessage) answer.error = ToStorableText(answer.error.substr(0, kLongestMessage));
  return answer;
}

std::string JsonText(const nlohmann::json& object, std::string_view name) {
  if (!object.is_object()) return {};
  const auto member = object.find(std::string(name));
  if (member == object.end()) return {};
  if (member->is_string()) return ToStorableText(member->get_ref<const std::string&>());
  return member->is_number() ? member->dump() : std::string();
}

CallError ErrorOf(const RestAnswer& answer) {
  const std::string text = Lower(answer.error);
  CallError error;
  error.set_provider_code(Concat(answer.http_status));
  error.set_provider_message(answer.error);
  for (const Row& row : kRows) {
    if (!Fits(row, answer.http_status, text)) continue;
    error.set_code(row.code);
    error.set_message(std::string(row.message));
    error.set_retryable(row.retryable);
    return error;
  }
  error.set_code(calls::v1::CALL_ERROR_CODE_BAD_RESPONSE);
  error.set_message("the provider's answer could not be understood");
  return error;
}

absl::Status StatusOf(const RestAnswer& answer) { return providers::StatusOf(kProviderName, ErrorOf(answer)); }

}  // namespace trunkline::providers::plivo
