// Reads the form of POST /Calls.json, with Twilio's errors for what is wrong.
#pragma once

#include <variant>

#include "libs/base/encoding.h"
#include "libs/http/message.h"
#include "tools/provider-twin/twilio/account.h"
#include "tools/provider-twin/twilio/call.h"

namespace trunkline::twin::twilio {

// A call that can be placed, or the answer that refuses it.
std::variant<CallPtr, http::Response> ReadCreateCall(const Form& form, const Account& account);

// The parameters Url, Method, FallbackUrl, StatusCallback… that creating and updating a call have in common; those that
// are missing leave the call as it is. An answer when one of them is wrong.
std::optional<http::Response> ReadInstructions(const Form& form, Call& call);

}  // namespace trunkline::twin::twilio
