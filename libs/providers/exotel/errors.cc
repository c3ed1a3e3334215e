#include "libs/providers/exotel/errors.h"

#include <algorithm>
#include <array>

#include "libs/base/text.h"

namespace trunkline::providers::exotel {
namespace {

using calls::v1::CallErrorCode;

constexpr size_t kLongestMessage = 500;
constexpr size_t kShortestNumber = 7;
constexpr size_t kDigitsToShow = 2;

struct CodeRow {
  std::string_view code;
  CallErrorCode error;
  bool retryable;
  std::string_view message;
};

constexpr std::array<CodeRow, 14> kCodes = {{
    {"34001", calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, false, "the number to call is not valid"},
    {"RATE_LIMIT_EXCEEDED", calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true, "too many requests to the provider"},
    {"1010", calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false, "the provider does not accept the account's credentials"},
    {"1017", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the provider does not know the account"},
    {"10731", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the provider does not know the agent"},
    {"10716", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the provider does not know the ExoPhone"},
    {"10744", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the provider does not know the call"},
    {"1012", calls::v1::CALL_ERROR_CODE_WRONG_STATE, false, "the agent's device is off"},
    {"10705", calls::v1::CALL_ERROR_CODE_WRONG_STATE, false, "the agent's device is not verified"},
    {"10706", calls::v1::CALL_ERROR_CODE_WRONG_STATE, true, "the agent's device is busy"},
    {"10724", calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true, "too many requests to the provider"},
    {"10715", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the provider failed"},
    {"10743", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the provider failed"},
    {"1100", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the provider failed"},
}};

struct HttpRow {
  int first;
  int last;
  CallErrorCode error;
  bool retryable;
  std::string_view message;
};

// The first row that holds a status counts.
constexpr std::array<HttpRow, 12> kStatuses = {{
    {401, 401, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false,
     "the provider does not accept the account's credentials, or the account lives in another cluster"},
    {402, 402, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the account's balance or plan does not allow this"},
    {403, 403, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false,
     "the provider does not allow this: the account is suspended or its address is not on the list"},
    {404, 404, calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the provider does not know this"},
    {405, 405, calls::v1::CALL_ERROR_CODE_UNSUPPORTED, false, "the provider has no such operation"},
    {408, 408, calls::v1::CALL_ERROR_CODE_TIMEOUT, true, "the provider did not answer in time"},
    {409, 409, calls::v1::CALL_ERROR_CODE_WRONG_STATE, false, "this is in no state for it at the provider"},
    {429, 429, calls::v1::CALL_ERROR_CODE_RATE_LIMITED, true, "too many requests to the provider"},
    {400, 400, calls::v1::CALL_ERROR_CODE_REJECTED, false, "the provider does not accept a parameter of the request"},
    {400, 499, calls::v1::CALL_ERROR_CODE_REJECTED, false, "the provider refused the request"},
    {500, 599, calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the provider failed"},
    {0, 999, calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, false, "the provider's answer could not be understood"},
}};

std::string WithoutMarkup(std::string_view text) {
  std::string plain;
  bool inside = false;
  for (const char c : text) {
    if (c == '<') inside = true;
    if (!inside) plain.push_back(c);
    if (c == '>') inside = false;
  }
  return plain;
}

// A number on the do-not-disturb register is refused with the status of a suspended account.
bool TellsOfRegister(std::string_view message) {
  const std::string words = Lower(message);
  return words.find("dnd") != std::string::npos || words.find("ndnc") != std::string::npos ||
         words.find("trai") != std::string::npos;
}

calls::v1::CallError MakeError(CallErrorCode code, std::string_view message, bool retryable) {
  calls::v1::CallError error;
  error.set_code(code);
  error.set_message(std::string(message));
  error.set_retryable(retryable);
  return error;
}

calls::v1::CallError Find(int http_status, std::string_view code, std::string_view message) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return MakeError(row.error, row.message, row.retryable);
  }
  if (http_status == 403 && TellsOfRegister(message)) {
    return MakeError(calls::v1::CALL_ERROR_CODE_REJECTED, "the number is on the do-not-disturb register", false);
  }
  for (const HttpRow& row : kStatuses) {
    if (http_status >= row.first && http_status <= row.last) return MakeError(row.error, row.message, row.retryable);
  }
  return MakeError(calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, "the provider's answer could not be understood", false);
}

}  // namespace

calls::v1::CallError ErrorOfAnswer(int http_status, std::string_view code, std::string_view message) {
  calls::v1::CallError error = Find(http_status, code, message);
  error.set_provider_code(code.empty() ? Concat(http_status) : ToStorableText(code));
  error.set_provider_message(CleanMessage(message));
  return error;
}

std::string CleanMessage(std::string_view message) {
  std::string plain = WithoutMarkup(ToStorableText(message.substr(0, kLongestMessage)));
  for (size_t start = 0; start < plain.size();) {
    if (!IsDigit(plain[start])) {
      ++start;
      continue;
    }
    // Digits as numbers are written, with separators between them.
    size_t end = start;
    size_t digits = 0;
    for (size_t i = start; i < plain.size() && (IsDigit(plain[i]) || plain[i] == '-' || plain[i] == ' '); ++i) {
      if (!IsDigit(plain[i])) continue;
      ++digits;
      end = i + 1;
    }
    size_t masked = digits >= kShortestNumber ? digits - kDigitsToShow : 0;
    for (size_t i = start; i < end && masked > 0; ++i) {
      if (!IsDigit(plain[i])) continue;
      plain[i] = '*';
      --masked;
    }
    start = end;
  }
  return ToStorableText(plain);
}

}  // namespace trunkline::providers::exotel
