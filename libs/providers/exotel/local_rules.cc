#include "libs/providers/exotel/local_rules.h"

#include <algorithm>
#include <array>

#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/telephony/phone_number.h"

namespace trunkline::providers::exotel {
namespace {

constexpr size_t kNationalDigits = 10;
constexpr size_t kLongestTime = 40;
constexpr const char* kLocalTime = "%Y-%m-%d %H:%M:%S";
// No call is older; what stands for "no time" is.
constexpr absl::Time kEarliest = absl::FromUnixSeconds(946'684'800);  // 2000-01-01

absl::TimeZone ZoneOf(const LocalRules& rules) {
  return absl::FixedTimeZone(static_cast<int>(absl::ToInt64Seconds(rules.offset)));
}

LocalRules MakeRules(std::string_view zone, std::string_view prefix) {
  LocalRules rules;
  if (const auto offset = ParseOffset(zone); offset.has_value()) rules.offset = *offset;
  if (prefix.size() <= 3 && AreDigits(prefix)) rules.country_prefix = std::string(prefix);
  return rules;
}

}  // namespace

LocalRules RulesOf(const Account& account) {
  return MakeRules(account.Setting(kTimeZone), account.Setting(kCountryPrefix));
}

LocalRules RulesOf(const Form& query) {
  return MakeRules(FindInForm(query, kZoneParameter).value_or(""), FindInForm(query, kPrefixParameter).value_or(""));
}

Form QueryOf(const LocalRules& rules) {
  const LocalRules usual;
  Form query;
  if (rules.offset != usual.offset) {
    query.emplace_back(kZoneParameter, absl::FormatTime("%Ez", absl::UnixEpoch(), ZoneOf(rules)));
  }
  if (rules.country_prefix != usual.country_prefix) query.emplace_back(kPrefixParameter, rules.country_prefix);
  return query;
}

std::optional<absl::Duration> ParseOffset(std::string_view text) {
  constexpr int64_t kMostHours = 14;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const std::string_view hours = text.substr(1, 2);
  const std::string_view minutes = text.substr(4, 2);
  if (!AreDigits(hours) || !AreDigits(minutes)) return std::nullopt;
  const int64_t hour = ParseInt(hours).value_or(0);
  const int64_t minute = ParseInt(minutes).value_or(0);
  if (minute > 59 || hour > kMostHours || (hour == kMostHours && minute > 0)) return std::nullopt;
  const absl::Duration offset = absl::Hours(hour) + absl::Minutes(minute);
  return text[0] == '-' ? -offset : offset;
}

std::optional<absl::Time> ParseTime(std::string_view text, const LocalRules& rules) {
  // With a zone of their own first: the local forms would refuse them anyway.
  constexpr std::array<const char*, 4> kFormats = {"%Y-%m-%d%ET%H:%M:%E*S%Ez", "%Y-%m-%d %H:%M:%S%Ez", kLocalTime,
                                                   "%a, %d %b %Y %H:%M:%S"};
  text = Trim(text);
  if (text.empty() || text.size() > kLongestTime) return std::nullopt;
  const absl::TimeZone zone = ZoneOf(rules);
  for (const char* format : kFormats) {
    absl::Time time;
    std::string error;
    if (!absl::ParseTime(format, ToAbsl(text), zone, &time, &error)) continue;
    if (time < kEarliest || time == absl::InfiniteFuture()) return std::nullopt;
    return time;
  }
  return std::nullopt;
}

std::string FormatLocal(absl::Time time, const LocalRules& rules) {
  return absl::FormatTime(kLocalTime, time, ZoneOf(rules));
}

std::optional<std::string> PartyOf(std::string_view text, const LocalRules& rules) {
  text = Trim(text);
  if (text.empty() || text == "null") return std::nullopt;
  const std::string& prefix = rules.country_prefix;
  if (AreDigits(text)) {
    // The 0 in front is not part of the number.
    if (text.front() == '0' && (text.size() == kNationalDigits || text.size() == kNationalDigits + 1)) {
      return Concat("+", prefix, text.substr(1));
    }
    if (text.size() == kNationalDigits) return Concat("+", prefix, text);
    if (text.size() == kNationalDigits + prefix.size() && text.starts_with(prefix)) return Concat("+", text);
    return std::string(text);
  }
  return telephony::ToParty(ToStorableText(text));
}

std::string NationalForm(std::string_view e164, const LocalRules& rules) {
  const std::string plus = Concat("+", rules.country_prefix);
  if (!e164.starts_with(plus) || e164.size() != plus.size() + kNationalDigits) return std::string(e164);
  return Concat("0", e164.substr(plus.size()));
}

bool IsPhoneText(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  return text.size() >= 3 && text.size() <= 16 && AreDigits(text);
}

}  // namespace trunkline::providers::exotel
