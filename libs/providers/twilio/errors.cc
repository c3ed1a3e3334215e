#include "libs/providers/twilio/errors.h"

#include <algorithm>
#include <array>

#include "libs/base/text.h"
#include "libs/telephony/sip_response.h"

namespace trunkline::providers::twilio {
namespace {

using calls::v1::CallError;
using calls::v1::CallErrorCode;
using calls::v1::Hangup;
using calls::v1::HangupCause;

// Codes from `first` to `last` that mean the same.
struct Row {
  int first;
  int last;
  CallErrorCode error;
  HangupCause cause;
  bool retryable;
  std::string_view message;
};

// The first row that holds a code counts.
constexpr std::array<Row, 34> kRows = {{
    {20003, 20003, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, false,
     "the provider does not accept the account's credentials"},
    {20004, 20004, calls::v1::CALL_ERROR_CODE_UNSUPPORTED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, false,
     "the provider has no such operation"},
    {20005, 20005, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, false,
     "the account is not active at the provider"},
    {20006, 20008, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, false,
     "the account's credentials do not allow this"},
    {20009, 20009, calls::v1::CALL_ERROR_CODE_WRONG_STATE, calls::v1::HANGUP_CAUSE_UNSPECIFIED, true,
     "the call has not ended yet"},
    {20404, 20404, calls::v1::CALL_ERROR_CODE_NOT_FOUND, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the provider does not know the call"},
    {20429, 20429, calls::v1::CALL_ERROR_CODE_RATE_LIMITED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, true,
     "too many requests to the provider at once"},
    {20500, 20503, calls::v1::CALL_ERROR_CODE_UNAVAILABLE, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, true,
     "the provider failed"},
    {10004, 10004, calls::v1::CALL_ERROR_CODE_RATE_LIMITED, calls::v1::HANGUP_CAUSE_PROVIDER_ERROR, true,
     "too many calls at the provider at once"},
    {21201, 21201, calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, calls::v1::HANGUP_CAUSE_INVALID_NUMBER, false,
     "no number to call was given"},
    {21203, 21203, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_REJECTED, false,
     "the account may not call other countries"},
    {21205, 21209, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the provider does not accept a URL or another parameter of the call"},
    {21210, 21210, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_REJECTED, false,
     "the caller id does not belong to the account and is not verified"},
    {21211, 21211, calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, calls::v1::HANGUP_CAUSE_INVALID_NUMBER, false,
     "the number to call is not valid"},
    {21212, 21213, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_INVALID_NUMBER, false,
     "the caller id is missing or is no valid number"},
    {21214, 21214, calls::v1::CALL_ERROR_CODE_REJECTED, calls::v1::HANGUP_CAUSE_UNREACHABLE, false,
     "the number cannot be reached"},
    {21215, 21215, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_REJECTED, false,
     "the account may not call this country"},
    {21216, 21216, calls::v1::CALL_ERROR_CODE_REJECTED, calls::v1::HANGUP_CAUSE_REJECTED, false,
     "the provider does not allow calls to this number"},
    {21217, 21217, calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, calls::v1::HANGUP_CAUSE_INVALID_NUMBER, false,
     "the number does not look valid"},
    {21218, 21218, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the provider does not know the application"},
    {21219, 21219, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_REJECTED, false,
     "a trial account may call verified numbers only"},
    {21220, 21220, calls::v1::CALL_ERROR_CODE_WRONG_STATE, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the call is not in a state for this"},
    {573005, 573005, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_REJECTED, false,
     "a trial account may call verified numbers only"},
    {11200, 11237, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP, true,
     "the provider could not fetch the call's instructions"},
    {12100, 12200, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP, false,
     "the provider did not understand the call's instructions"},
    {13240, 13240, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the call to coach is not valid"},
    {16101, 16101, calls::v1::CALL_ERROR_CODE_REJECTED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the recording was too short"},
    {16102, 16102, calls::v1::CALL_ERROR_CODE_REJECTED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the recording was silent"},
    {20101, 20101, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the access token is not valid"},
    {20104, 20104, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, true,
     "the access token has expired"},
    {20157, 20157, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the access token lasts too long"},
    {20160, 20160, calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the access token's key is of another region"},
    {21000, 21999, calls::v1::CALL_ERROR_CODE_REJECTED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the provider refused the call"},
    {20000, 20999, calls::v1::CALL_ERROR_CODE_REJECTED, calls::v1::HANGUP_CAUSE_UNSPECIFIED, false,
     "the provider refused the request"},
}};

const Row* FindRow(int code) {
  const auto row = std::find_if(kRows.begin(), kRows.end(), [code](const Row& candidate) {
    return code >= candidate.first && code <= candidate.last;
  });
  return row == kRows.end() ? nullptr : &*row;
}

CallError MakeError(CallErrorCode code, std::string_view message, bool retryable) {
  CallError error;
  error.set_code(code);
  error.set_message(std::string(message));
  error.set_retryable(retryable);
  return error;
}

CallError OfHttpStatus(int status) {
  if (status == 401 || status == 403) {
    return MakeError(calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, "the provider does not accept the account's credentials",
                     false);
  }
  if (status == 404) return MakeError(calls::v1::CALL_ERROR_CODE_NOT_FOUND, "the provider does not know this", false);
  if (status == 405)
    return MakeError(calls::v1::CALL_ERROR_CODE_UNSUPPORTED, "the provider has no such operation", false);
  if (status == 408) return MakeError(calls::v1::CALL_ERROR_CODE_TIMEOUT, "the provider did not answer in time", true);
  if (status == 409)
    return MakeError(calls::v1::CALL_ERROR_CODE_WRONG_STATE, "the call is not in a state for this", false);
  if (status == 429)
    return MakeError(calls::v1::CALL_ERROR_CODE_RATE_LIMITED, "too many requests to the provider", true);
  if (status >= 500) return MakeError(calls::v1::CALL_ERROR_CODE_UNAVAILABLE, "the provider failed", true);
  if (status >= 400) return MakeError(calls::v1::CALL_ERROR_CODE_REJECTED, "the provider refused the request", false);
  return MakeError(calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, "the provider's answer could not be understood", false);
}

CallError OfCause(HangupCause cause) {
  switch (cause) {
    case calls::v1::HANGUP_CAUSE_INVALID_NUMBER:
      return MakeError(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER, "the number does not exist or is malformed", false);
    case calls::v1::HANGUP_CAUSE_REJECTED:
      return MakeError(calls::v1::CALL_ERROR_CODE_REJECTED, "the call was refused", false);
    case calls::v1::HANGUP_CAUSE_UNREACHABLE:
      return MakeError(calls::v1::CALL_ERROR_CODE_UNAVAILABLE, "the number cannot be reached now", true);
    case calls::v1::HANGUP_CAUSE_TIMEOUT:
      return MakeError(calls::v1::CALL_ERROR_CODE_TIMEOUT, "the called side's network did not answer in time", true);
    case calls::v1::HANGUP_CAUSE_BUSY:
      return MakeError(calls::v1::CALL_ERROR_CODE_REJECTED, "the called side was busy", true);
    default:
      return MakeError(calls::v1::CALL_ERROR_CODE_UNAVAILABLE, "the provider could not carry the call", true);
  }
}

}  // namespace

CallError ErrorOfAnswer(int http_status, int code, std::string_view message) {
  const Row* row = FindRow(code);
  CallError error = row != nullptr ? MakeError(row->error, row->message, row->retryable) : OfHttpStatus(http_status);
  error.set_provider_code(Concat(code != 0 ? code : http_status));
  error.set_provider_message(ToStorableText(message));
  return error;
}

CallError ErrorOfFailedCall(int error_code, int sip_response_code, std::string_view message) {
  const Row* row = FindRow(error_code);
  CallError error = row != nullptr ? MakeError(row->error, row->message, row->retryable)
                                   : OfCause(telephony::HangupOfSipResponse(sip_response_code).cause());
  const int told = error_code != 0 ? error_code : sip_response_code;
  if (told != 0) error.set_provider_code(Concat(told));
  error.set_provider_message(ToStorableText(message));
  return error;
}

Hangup HangupOfErrorCode(int code) {
  Hangup hangup;
  const Row* row = FindRow(code);
  if (row == nullptr || row->cause == calls::v1::HANGUP_CAUSE_UNSPECIFIED) return hangup;
  hangup.set_cause(row->cause);
  hangup.set_source(calls::v1::HANGUP_SOURCE_SYSTEM);
  return hangup;
}

}  // namespace trunkline::providers::twilio
