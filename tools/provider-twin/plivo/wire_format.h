// How Plivo writes ids, times and numbers.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace trunkline::twin::plivo {

// A random UUID. Never the same one twice, not after a reset either.
std::string NewCallUuid();
// "2026-03-03 09:15:00.128743", in UTC.
std::string UtcTime(absl::Time time);
// "2026-03-03 14:45:00": in the account's own zone, which is India's here so that nobody takes it for UTC.
std::string LocalTime(absl::Time time);
// "2026-03-03 14:45:00+05:30".
std::string LocalTimeWithOffset(absl::Time time);
// "15550100002" for "+15550100002".
std::string WireNumber(std::string_view number);
// "+15550100002" for either; anything else stays as it is.
std::string StoredNumber(std::string_view number);
// '+' and 8 to 15 digits, or sip:…@….
bool IsDialable(std::string_view text);
bool IsUrl(std::string_view text);
// Dollars for `seconds` of talk, by the minute that has begun: "0.00850".
std::string CostOf(int64_t seconds);
int64_t BilledSeconds(int64_t seconds);

}  // namespace trunkline::twin::plivo
