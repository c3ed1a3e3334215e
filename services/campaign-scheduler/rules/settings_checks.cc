#include "services/campaign-scheduler/rules/settings_checks.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "libs/base/nearest_name.h"
#include "libs/base/text.h"
#include "libs/telephony/call_plan_checks.h"
#include "libs/telephony/number_time_zones.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/calling_hours.h"
#include "services/campaign-scheduler/rules/decision.h"
#include "services/campaign-scheduler/rules/disposition.h"
#include "services/campaign-scheduler/rules/people_reached.h"

namespace trunkline::scheduler {
namespace {

constexpr int kMostTags = 20;
constexpr size_t kLongestTag = 64;
constexpr size_t kLongestUrl = 2'048;
constexpr int kMostPerSecond = 1'000;
constexpr int kMostPerMinute = 60'000;
constexpr int kMostCalls = 1'000'000;
constexpr int kMostWeight = 1'000;
constexpr int kMostWindows = 100;
constexpr int kMostHolidays = 400;
constexpr int kMostPrefixes = 1'000;
constexpr int kMostDelays = 20;
constexpr int kMostAttempts = 50;
constexpr int kMostPerNumber = 1'000;
constexpr size_t kLongestZone = 64;

// The checks of one campaign's settings: each function is given the path of what it checks.
class SettingsChecker {
 public:
  explicit SettingsChecker(FieldChecks& checks) : checks_(checks) {}

  void Check(const v1::CampaignSettings& settings, const std::string& at) {
    const std::string& account = settings.provider_account_id();
    if (!account.empty()) checks_.RequireUuid(account, Concat(at, ".provider_account_id"));
    checks_.Require(settings.from().empty() || telephony::IsE164(settings.from()), Concat(at, ".from"),
                    telephony::kMustBeE164);
    telephony::CheckCallPlan(settings.plan(), Concat(at, ".plan"), checks_);
    Within(settings.has_ring_timeout(), settings.ring_timeout(), absl::Seconds(5), absl::Seconds(600),
           Concat(at, ".ring_timeout"), "must be from 5 to 600 seconds");
    Within(settings.has_time_limit(), settings.time_limit(), absl::Seconds(1), absl::Hours(24),
           Concat(at, ".time_limit"), "must be from one second to 24 hours");
    const std::string region = settings.default_region().empty() ? "" : RegionProblem(settings.default_region());
    checks_.Require(region.empty(), Concat(at, ".default_region"), region);
    Pacing(settings.pacing(), Concat(at, ".pacing"));
    Rules(settings.rules(), Concat(at, ".rules"));
    Retries(settings.retries(), Concat(at, ".retries"));
    Machines(settings, at);
    Count(settings.auto_pause().failure_percent(), 100, Concat(at, ".auto_pause.failure_percent"));
    Count(settings.auto_pause().attempts(), 10'000, Concat(at, ".auto_pause.attempts"));
    if (settings.has_warm_up()) WarmUp(settings.warm_up(), Concat(at, ".warm_up"));
    checks_.Require(settings.tags_size() <= kMostTags, Concat(at, ".tags"), Concat("must be at most ", kMostTags));
    for (int i = 0; i < std::min(settings.tags_size(), kMostTags); ++i) {
      const std::string tag = Concat(at, ".tags[", i, "]");
      checks_.Require(!settings.tags(i).empty(), tag, "must not be empty");
      checks_.RequireText(settings.tags(i), kLongestTag, tag);
    }
  }

 private:
  void Count(int64_t value, int64_t most, const std::string& at) {
    checks_.Require(value >= 0 && value <= most, at, Concat("must be from 0 to ", most));
  }

  void Within(bool given, const google::protobuf::Duration& duration, absl::Duration least, absl::Duration most,
              const std::string& at, std::string_view must) {
    const absl::Duration length = telephony::FromProto(duration);
    checks_.Require(!given || (length >= least && length <= most), at, must);
  }

  void Pacing(const v1::Pacing& pacing, const std::string& at) {
    Count(pacing.calls_per_second(), kMostPerSecond, Concat(at, ".calls_per_second"));
    Count(pacing.calls_per_minute(), kMostPerMinute, Concat(at, ".calls_per_minute"));
    Within(pacing.has_call_spacing(), pacing.call_spacing(), absl::ZeroDuration(), absl::Hours(1),
           Concat(at, ".call_spacing"), "must be from 0 to one hour");
    Count(pacing.max_concurrent_calls(), kMostCalls, Concat(at, ".max_concurrent_calls"));
    Within(pacing.has_ramp_up(), pacing.ramp_up(), absl::ZeroDuration(), absl::Hours(24), Concat(at, ".ramp_up"),
           "must be from 0 to 24 hours");
    const bool has_speed = pacing.calls_per_second() > 0 || pacing.calls_per_minute() > 0 ||
                           telephony::FromProto(pacing.call_spacing()) > absl::ZeroDuration();
    checks_.Require(has_speed || telephony::FromProto(pacing.ramp_up()) == absl::ZeroDuration(), Concat(at, ".ramp_up"),
                    "needs a speed to grow to: set calls_per_second, calls_per_minute or call_spacing");
    Within(pacing.has_slot_wait(), pacing.slot_wait(), absl::ZeroDuration(), absl::Minutes(1), Concat(at, ".slot_wait"),
           "must be from 0 to 60 seconds");
    Count(pacing.weight(), kMostWeight, Concat(at, ".weight"));
  }

  void Rules(const v1::CallingRules& rules, const std::string& at) {
    checks_.Require(rules.windows_size() <= kMostWindows, Concat(at, ".windows"),
                    Concat("must be at most ", kMostWindows));
    for (int i = 0; i < std::min(rules.windows_size(), kMostWindows); ++i) {
      Window(rules.windows(i), Concat(at, ".windows[", i, "]"));
    }
    checks_.Require(rules.holidays_size() <= kMostHolidays, Concat(at, ".holidays"),
                    Concat("must be at most ", kMostHolidays));
    for (int i = 0; i < std::min(rules.holidays_size(), kMostHolidays); ++i) {
      checks_.Require(DayOf(rules.holidays(i)).has_value(), Concat(at, ".holidays[", i, "]"),
                      "must be a day such as \"2026-12-25\"");
    }
    if (!rules.fallback_time_zone().empty()) {
      const std::string problem = TimeZoneProblem(rules.fallback_time_zone());
      checks_.Require(problem.empty(), Concat(at, ".fallback_time_zone"), problem);
    }
    Count(rules.max_calls_per_number_per_day(), kMostPerNumber, Concat(at, ".max_calls_per_number_per_day"));
    Count(rules.max_calls_per_number_per_week(), kMostPerNumber, Concat(at, ".max_calls_per_number_per_week"));
    Count(rules.max_abandon_rate(), kWholeRate, Concat(at, ".max_abandon_rate"));
    Count(rules.abandon_rate_after(), kMostCalls, Concat(at, ".abandon_rate_after"));
    checks_.Require(rules.blocked_prefixes_size() <= kMostPrefixes, Concat(at, ".blocked_prefixes"),
                    Concat("must be at most ", kMostPrefixes));
    for (int i = 0; i < std::min(rules.blocked_prefixes_size(), kMostPrefixes); ++i) {
      checks_.Require(IsBlockablePrefix(rules.blocked_prefixes(i)), Concat(at, ".blocked_prefixes[", i, "]"),
                      "must be '+' and 1 to 15 digits");
    }
  }

  void Window(const v1::CallingWindow& window, const std::string& at) {
    const std::optional<int> opens = MinutesOfDay(window.opens());
    const std::optional<int> closes = MinutesOfDay(window.closes());
    checks_.Require(opens.has_value(), Concat(at, ".opens"), "must be a time such as \"09:00\"");
    checks_.Require(closes.has_value(), Concat(at, ".closes"), "must be a time such as \"20:30\", at most \"24:00\"");
    checks_.Require(!opens.has_value() || !closes.has_value() || *opens < *closes, Concat(at, ".closes"),
                    "must be later than opens; a window over midnight is two: one to \"24:00\", one from \"00:00\"");
    std::set<int> seen;
    for (int i = 0; i < window.days_size(); ++i) {
      const bool known = v1::Weekday_IsValid(window.days(i)) && window.days(i) != v1::WEEKDAY_UNSPECIFIED;
      const std::string day = Concat(at, ".days[", i, "]");
      if (checks_.Require(known, day, "must be a day of the week")) {
        checks_.Require(seen.insert(window.days(i)).second, day, "must not come twice");
      }
    }
  }

  void Retries(const v1::RetryPolicy& policy, const std::string& at) {
    Count(policy.max_attempts(), kMostAttempts, Concat(at, ".max_attempts"));
    std::set<int> seen;
    for (int i = 0; i < policy.rules_size(); ++i) {
      const v1::RetryRule& rule = policy.rules(i);
      const std::string path = Concat(at, ".rules[", i, "]");
      const bool known =
          v1::Disposition_IsValid(rule.disposition()) && rule.disposition() != v1::DISPOSITION_UNSPECIFIED;
      if (!checks_.Require(known, Concat(path, ".disposition"), "must be what an attempt can end as")) continue;
      checks_.Require(seen.insert(rule.disposition()).second, Concat(path, ".disposition"),
                      Concat("there is a rule for ", DispositionName(rule.disposition()), " already"));
      checks_.Require(rule.delays_size() <= kMostDelays, Concat(path, ".delays"),
                      Concat("must be at most ", kMostDelays));
      for (int k = 0; k < std::min(rule.delays_size(), kMostDelays); ++k) {
        Within(true, rule.delays(k), absl::Seconds(1), absl::Hours(24 * 30), Concat(path, ".delays[", k, "]"),
               "must be from one second to 30 days");
      }
      Count(rule.max_attempts(), kMostAttempts, Concat(path, ".max_attempts"));
      if (rule.disposition() != v1::DISPOSITION_NOT_DIALED) continue;
      checks_.Require(rule.delays_size() > 0, Concat(path, ".delays"),
                      "must tell when: not_dialed is always tried again");
      checks_.Require(rule.max_attempts() == 0, Concat(path, ".max_attempts"),
                      "must be 0: not_dialed counts for no cap");
    }
  }

  void Machines(const v1::CampaignSettings& settings, const std::string& at) {
    checks_.Require(v1::MachinePolicy_IsValid(settings.machine_policy()), Concat(at, ".machine_policy"),
                    "must be go_on, hang_up or leave_message, or unspecified");
    const bool leaves_message = settings.machine_policy() == v1::MACHINE_POLICY_LEAVE_MESSAGE;
    const std::string plan = Concat(at, ".machine_plan");
    if (leaves_message) {
      checks_.Require(settings.machine_plan().verbs_size() > 0, plan,
                      "must say something: machine_policy is leave_message");
    } else {
      checks_.Require(settings.machine_plan().verbs_size() == 0 && settings.machine_plan().steps().empty(), plan,
                      "must be empty unless machine_policy is leave_message");
    }
    telephony::CheckCallPlan(settings.machine_plan(), plan, checks_);
  }

  void WarmUp(const control::v1::BotWarmUp& warm_up, const std::string& at) {
    checks_.Require((warm_up.url().starts_with("https://") || warm_up.url().starts_with("http://")) &&
                        warm_up.url().size() <= kLongestUrl && IsStorableText(warm_up.url()),
                    Concat(at, ".url"), "must be a URL that begins with https://");
    Within(warm_up.has_timeout(), warm_up.timeout(), absl::Seconds(1), absl::Minutes(10), Concat(at, ".timeout"),
           "must be from one second to 10 minutes");
    Count(warm_up.retries(), 10, Concat(at, ".retries"));
    Within(warm_up.has_stays_ready(), warm_up.stays_ready(), absl::ZeroDuration(), absl::Hours(1),
           Concat(at, ".stays_ready"), "must be from 0 to one hour");
  }

  FieldChecks& checks_;
};

bool IsZoneName(std::string_view name) {
  return !name.empty() && name.size() <= kLongestZone && name.front() != '/' && name != "localtime" &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '_' ||
                  c == '+' || c == '-';
         });
}

}  // namespace

void CheckSettings(const v1::CampaignSettings& settings, std::string_view field, FieldChecks& checks) {
  SettingsChecker(checks).Check(settings, std::string(field));
}

void CheckReadiness(const v1::CampaignSettings& settings, std::string_view field, FieldChecks& checks) {
  checks.Require(settings.plan().verbs_size() > 0, Concat(field, ".plan"),
                 "must have verbs: whoever answers would find nobody there");
}

std::string TimeZoneProblem(std::string_view name) {
  absl::TimeZone zone;
  if (IsZoneName(name) && absl::LoadTimeZone(ToAbsl(name), &zone)) return "";
  const std::optional<std::string_view> nearest =
      NearestName(name.substr(0, kLongestZone), telephony::TimeZonesOfNumbers());
  return Concat("must be a time zone's IANA name; did you mean \"", nearest.value_or("America/New_York"), "\"?");
}

std::string RegionProblem(std::string_view region) {
  if (telephony::IsRegion(region)) return "";
  std::string upper(region.substr(0, 2));
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c; });
  return Concat("must be a region such as \"US\" or \"IN\"",
                telephony::IsRegion(upper) ? Concat("; did you mean \"", upper, "\"?") : "");
}

}  // namespace trunkline::scheduler
