// Single values as the platforms write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace trunkline::tracking {

// True for what stands where there is no value: nothing, "-no value-", "null", "undefined", and a token of a URL
// template that was not replaced ("[call_uuid]", "{{uuid}}").
bool IsPlaceholder(std::string_view text);

// The text as an id or name: trimmed, fit for the wire; nothing for a placeholder.
std::optional<std::string> ToText(std::string_view text);

struct WireTime {
  std::optional<absl::Time> time;  // cut to milliseconds; nothing when the text is no time or of the year 1
  bool is_naive = false;           // it had no offset and was taken for UTC
};
// RFC 3339 with any offset, "2026-03-02 14:00:00 -0500", "2026-03-02 14:00:00 UTC", "03/02/2026 02:00:00 PM", and
// milliseconds since 1970 from 10^11 on.
WireTime ParseTime(std::string_view text);

// E.164 where it is a number (ten digits, and eleven that begin with 1, are North American), a SIP URI as it stands.
// Nothing for a caller that is withheld, and for fewer than seven digits. A space in front of digits was a '+'.
std::optional<std::string> ParsePhone(std::string_view text);

// Whole seconds: "214", "214.0", "00:03:34". Nothing for anything else and below zero.
std::optional<int64_t> ParseSeconds(std::string_view text);

// true, yes, on, 1, converted, repeat; false, no, off, 0, nothing, "not ...", "did not ...". Nothing for other words.
std::optional<bool> ParseFlag(std::string_view text);

}  // namespace trunkline::tracking
