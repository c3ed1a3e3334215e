// Why a call ended, as Plivo tells it (https://www.plivo.com/docs/voice/troubleshooting/hangup-causes), in Trunkline's
// terms.
#pragma once

#include <string_view>

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::plivo {

struct HangupCode {
  int code;
  std::string_view name;
  calls::v1::CallStatus status;  // of a call that was not answered; an answered one is completed
  calls::v1::HangupCause cause;
  calls::v1::CallErrorCode error;  // of a call that failed for it
  bool retryable;
  std::string_view message;
};

// HangupCauseCode; a provider error for one that is not known.
const HangupCode& FindHangupCode(int code);
// HangupCause, the word of webhooks that have no code.
const HangupCode& FindHangupWord(std::string_view word);

// The error of a call that failed; `code` and `text` are Plivo's.
calls::v1::CallError ErrorOfHangup(const HangupCode& hangup, std::string_view code, std::string_view text);

}  // namespace trunkline::providers::plivo
