#include "libs/tracking/ringba/answer_error.h"

#include <string>

#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"

namespace trunkline::tracking::ringba {
namespace {

constexpr std::string_view kUnknownColumn = "unknown value column";
constexpr std::string_view kNotFoundCode = "101";

v1::RateLimitUnit UnitOf(std::string_view word) {
  if (EqualsIgnoreCase(word, "second")) return v1::RATE_LIMIT_UNIT_SECOND;
  if (EqualsIgnoreCase(word, "minute")) return v1::RATE_LIMIT_UNIT_MINUTE;
  if (EqualsIgnoreCase(word, "hour")) return v1::RATE_LIMIT_UNIT_HOUR;
  return EqualsIgnoreCase(word, "day") ? v1::RATE_LIMIT_UNIT_DAY : v1::RATE_LIMIT_UNIT_UNSPECIFIED;
}

// "Unknown value column: icpCost" -> "icpCost"
std::string ColumnIn(std::string_view message) {
  const size_t colon = message.find(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view rest = Trim(message.substr(colon + 1));
  return std::string(rest.substr(0, rest.find_first_of(" ,;.")));
}

}  // namespace

void ReadError(const ApiAnswer& answer, v1::TrackingError* error) {
  error->set_request_id(MemberText(answer.body, "transactionId"));
  const std::string message = MemberText(answer.body, "message");
  if (!message.empty()) error->set_message(message);
  const std::string lower = Lower(message);
  if (MemberText(answer.body, "isRateLimited") == "true") {
    error->set_code(v1::TRACKING_ERROR_CODE_RATE_LIMITED);
    error->set_exceeded(UnitOf(MemberText(answer.body, "exceedingRateLimit")));
  } else if (lower.starts_with(kUnknownColumn)) {
    error->set_code(v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN);
    error->set_column(ColumnIn(message));
  } else if (lower.find("could not allocate new number") != std::string::npos) {
    error->set_code(v1::TRACKING_ERROR_CODE_OUT_OF_STOCK);
  } else if (lower.find("please remove all references") != std::string::npos) {
    error->set_code(v1::TRACKING_ERROR_CODE_CONFLICT_LINKED);
  } else if (lower.find("insufficient funds") != std::string::npos ||
             lower.find("insufficient balance") != std::string::npos) {
    error->set_code(v1::TRACKING_ERROR_CODE_INSUFFICIENT_FUNDS);
  } else if (MemberText(answer.body, "messageCode") == kNotFoundCode) {
    error->set_code(v1::TRACKING_ERROR_CODE_NOT_FOUND);
  } else if (answer.status < 300 && MemberText(answer.body, "isSuccessful") == "false") {
    error->set_code(v1::TRACKING_ERROR_CODE_VALIDATION_FAILED);
  }
}

}  // namespace trunkline::tracking::ringba
