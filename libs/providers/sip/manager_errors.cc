#include "libs/providers/sip/manager_errors.h"

#include <string>

#include "libs/base/text.h"
#include "libs/providers/provider_status.h"
#include "libs/providers/sip/account_settings.h"

namespace trunkline::providers::sip {
namespace {

struct Text {
  std::string_view begins;
  calls::v1::CallErrorCode code;
  bool retryable;
  std::string_view message;
};

constexpr Text kTexts[] = {
    {"Authentication failed", calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false, "the exchange refuses the login"},
    {"Permission denied", calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false, "the manager user may not do this"},
    {"Login Already In Use", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the manager user is logged in elsewhere"},
    {"No such channel", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the channel is gone"},
    {"Channel does not exist", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the channel is gone"},
    {"Channel specified does not exist", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the channel is gone"},
    {"Channel not existent", calls::v1::CALL_ERROR_CODE_NOT_FOUND, false, "the channel is gone"},
    {"Extension does not exist", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false,
     "the dialplan has no such extension"},
    {"Invalid channel", calls::v1::CALL_ERROR_CODE_INVALID_CONFIG, false, "the dial string names no channel"},
    {"Originate Access Forbidden", calls::v1::CALL_ERROR_CODE_UNAUTHORIZED, false, "the manager user may not do this"},
    {"Originate failed", calls::v1::CALL_ERROR_CODE_REJECTED, false, "the exchange did not place the call"},
    {"Missing action", calls::v1::CALL_ERROR_CODE_BAD_RESPONSE, false, "the exchange did not understand the request"},
    {"Invalid/unknown command", calls::v1::CALL_ERROR_CODE_UNSUPPORTED, false, "the exchange has no such action"},
    {"Asterisk is shutting down", calls::v1::CALL_ERROR_CODE_UNAVAILABLE, true, "the exchange is shutting down"},
    {"Transfer not permitted", calls::v1::CALL_ERROR_CODE_REJECTED, false, "the exchange does not permit the transfer"},
    {"Transfer invalid", calls::v1::CALL_ERROR_CODE_WRONG_STATE, false, "the call cannot be transferred now"},
    {"Transfer failed", calls::v1::CALL_ERROR_CODE_WRONG_STATE, false, "the call cannot be transferred now"},
};

}  // namespace

calls::v1::CallError ErrorOfAnswer(std::string_view text) {
  calls::v1::CallError error;
  error.set_code(calls::v1::CALL_ERROR_CODE_REJECTED);
  error.set_message("the exchange refused the request");
  for (const Text& known : kTexts) {
    if (!text.starts_with(known.begins)) continue;
    error.set_code(known.code);
    error.set_retryable(known.retryable);
    error.set_message(std::string(known.message));
    break;
  }
  error.set_provider_message(ToStorableText(text.substr(0, 200)));
  return error;
}

absl::Status StatusOfAnswer(const ami::Message& answer) {
  return answer.Succeeded() ? absl::OkStatus() : StatusOf(kProviderName, ErrorOfAnswer(answer.Get("Message")));
}

absl::Status StatusOfSession(const absl::Status& asked) {
  switch (asked.code()) {
    case absl::StatusCode::kPermissionDenied:
      return StatusOf(kProviderName, ErrorOfAnswer("Authentication failed"));
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
      return absl::FailedPreconditionError(ToAbsl(Concat(kProviderName, ": ", ToStd(asked.message()))));
    default:
      return absl::UnavailableError(ToAbsl(Concat(kProviderName, ": ", ToStd(asked.message()))));
  }
}

calls::v1::CallError NoManagerError() {
  calls::v1::CallError error;
  error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_CONFIG);
  error.set_message("the account is told of calls by webhooks only (mode=http)");
  return error;
}

}  // namespace trunkline::providers::sip
