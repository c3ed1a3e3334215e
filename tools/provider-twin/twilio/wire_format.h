// How Twilio writes ids, times and numbers.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace trunkline::twin::twilio {

// A new id: the two letters and 32 random hexadecimal digits. Never the same one twice, not after a reset either.
std::string NewSid(std::string_view prefix);
// "Tue, 31 Aug 2010 20:36:28 +0000".
std::string Rfc2822(absl::Time time);
// "(555) 010-0002" for "+15550100002"; anything else stays as it is.
std::string FormatNumber(std::string_view number);
// '+' and 8 to 15 digits.
bool IsPhoneNumber(std::string_view text);
// A phone number, sip:… or client:….
bool IsDialable(std::string_view text);
// http://… or https://… with a host that has no underscore.
bool IsUrl(std::string_view text);

}  // namespace trunkline::twin::twilio
