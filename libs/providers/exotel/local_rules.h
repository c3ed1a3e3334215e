// Exotel writes times without a zone and numbers in national form. What they mean is a rule of the account, which the
// mapper does not know: URLs that Trunkline hands out name it where it is not the usual one.
//
//   &zone=%2B04:00&prefix=971
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "libs/providers/account.h"

namespace trunkline::providers::exotel {

// Names in the query of our URLs.
inline constexpr std::string_view kZoneParameter = "zone";
inline constexpr std::string_view kPrefixParameter = "prefix";

struct LocalRules {
  absl::Duration offset = absl::Hours(5) + absl::Minutes(30);  // of local time to UTC; no daylight saving
  std::string country_prefix = "91";
};

LocalRules RulesOf(const Account& account);
// Of the query of one of our URLs; what it does not say, or says wrongly, is the usual.
LocalRules RulesOf(const Form& query);
// What a URL must say of them: nothing of the usual ones.
Form QueryOf(const LocalRules& rules);

// "+05:30", up to 14 hours either way.
std::optional<absl::Duration> ParseOffset(std::string_view text);

// Any time that Exotel writes: "2026-01-15 14:25:10" and "Thu, 15 Jan 2026 12:31:59" in local time,
// "2026-01-15T09:05:00+05:30", "2026-01-15 09:05:00+05:30" and "...Z" as they stand. Nothing for what is no time, and
// for all that stand for no time: 1970-01-01 and before, zeros, "null".
std::optional<absl::Time> ParseTime(std::string_view text, const LocalRules& rules);
// "2026-01-15 14:25:10" in local time.
std::string FormatLocal(absl::Time time, const LocalRules& rules);

// A party of a call: E.164 of any form that Exotel writes (09876543210, 9876543210, 919876543210, +919876543210), a SIP
// address or anything else as it stands; nothing for an empty text or "null".
std::optional<std::string> PartyOf(std::string_view text, const LocalRules& rules);
// An E.164 number of the account's country as Exotel writes it: 0 and the national number. Others as they stand.
std::string NationalForm(std::string_view e164, const LocalRules& rules);

// True for three to sixteen digits, with or without + in front.
bool IsPhoneText(std::string_view text);

}  // namespace trunkline::providers::exotel
