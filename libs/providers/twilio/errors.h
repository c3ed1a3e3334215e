// Twilio's error codes in Trunkline's terms (https://www.twilio.com/docs/api/errors). They come in answers of the REST
// API and as ErrorCode in webhooks.
#pragma once

#include <string>
#include <string_view>

#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::twilio {

// The code of an answer that refuses a change because the call, or its recording, has ended.
inline constexpr int kNotInState = 21220;

// The error of an answer of the REST API that is none of success. `code` is 0 when the answer had none, which gateways
// between do; the HTTP status decides then.
calls::v1::CallError ErrorOfAnswer(int http_status, int code, std::string_view message);

// The error of a call that failed, of what its last webhook tells: ErrorCode, SipResponseCode and ErrorMessage.
calls::v1::CallError ErrorOfFailedCall(int error_code, int sip_response_code, std::string_view message);

// Why a call ended with an error code; unspecified for 0 and for codes that are not known.
calls::v1::Hangup HangupOfErrorCode(int code);

}  // namespace trunkline::providers::twilio
