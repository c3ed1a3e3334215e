#include "services/campaign-scheduler/rules/decision.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/number_time_zones.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/campaign_state.h"
#include "services/campaign-scheduler/rules/retry_policy.h"

namespace trunkline::scheduler {
namespace {

constexpr std::string_view kRulePrefix = "CALL_RULE_";
constexpr std::string_view kContactStatePrefix = "CONTACT_STATE_";
constexpr std::string_view kUnreadable = "cannot be read";
constexpr std::string_view kUnlimited = "not limited";
constexpr absl::Duration kDay = absl::Hours(24);
constexpr absl::Duration kWeek = absl::Hours(24 * 7);
constexpr absl::Time kNever = absl::InfiniteFuture();

struct Zone {
  std::string name;
  absl::TimeZone zone;
};

// Nothing unless every name is known: what a zone says that is not known would be left out.
std::optional<std::vector<Zone>> LoadZones(const std::vector<std::string>& names) {
  std::vector<Zone> zones;
  for (const std::string& name : names) {
    Zone& zone = zones.emplace_back(Zone{.name = name});
    if (!absl::LoadTimeZone(ToAbsl(name), &zone.zone)) return std::nullopt;
  }
  if (zones.empty()) return std::nullopt;
  return zones;
}

// Joins the first few.
std::string NamesOf(const std::vector<std::string>& names) {
  constexpr size_t kMost = 3;
  std::string text;
  for (size_t i = 0; i < names.size() && i < kMost; ++i) text += Concat(i == 0 ? "" : ", ", names[i]);
  return names.size() <= kMost ? text : Concat(text, " and ", names.size() - kMost, " more");
}

// "3.05 %"
std::string Percent(int64_t hundredths) {
  const int64_t part = hundredths % 100;
  return Concat(hundredths / 100, ".", part < 10 ? "0" : "", part, " %");
}

std::string TimeText(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone()); }

// Collects how each rule stands, and finds when they all pass.
class RuleBook {
 public:
  explicit RuleBook(absl::Time now) : now_(now) { *decision_.mutable_decided_at() = telephony::ToProto(now); }

  using NextPass = std::function<absl::Time(absl::Time from)>;

  // A rule that time does not change.
  void Add(v1::CallRule rule, bool passes, std::string value, std::string limit) {
    Add(rule, std::move(value), std::move(limit), [passes](absl::Time from) { return passes ? from : kNever; });
  }
  // `next` tells the earliest time from another one on at which the rule passes: that one itself when it does then.
  void Add(v1::CallRule rule, std::string value, std::string limit, NextPass next) {
    v1::RuleResult* result = decision_.add_results();
    const absl::Time at = next(now_);
    result->set_rule(rule);
    result->set_passes(at <= now_);
    result->set_value(std::move(value));
    result->set_limit(std::move(limit));
    if (at > now_ && at <= latest_) *result->mutable_next_at() = telephony::ToProto(at);
    if (at > now_ && decision_.rule() == v1::CALL_RULE_UNSPECIFIED) decision_.set_rule(rule);
    nexts_.push_back(std::move(next));
  }

  absl::Time latest() const { return latest_; }

  v1::Decision Finish(const std::vector<std::string>& zones) {
    decision_.set_allowed(decision_.rule() == v1::CALL_RULE_UNSPECIFIED);
    if (const absl::Time next = NextOfAll(); next <= latest_) *decision_.mutable_next_at() = telephony::ToProto(next);
    decision_.mutable_time_zones()->Assign(zones.begin(), zones.end());
    return std::move(decision_);
  }

 private:
  absl::Time NextOfAll() const {
    absl::Time at = now_;
    for (size_t agree = 0; agree < nexts_.size();) {
      for (const NextPass& next : nexts_) {
        const absl::Time passes = next(at);
        agree = passes > at ? 0 : agree + 1;
        at = std::max(at, passes);
        if (at > latest_) return kNever;
        if (agree == nexts_.size()) break;
      }
    }
    return at;
  }

  const absl::Time now_;
  const absl::Time latest_ = now_ + kDecisionHorizon;
  v1::Decision decision_;
  std::vector<NextPass> nexts_;
};

void AddContact(const DialRules& rules, const v1::Contact& contact, RuleBook* book) {
  const bool open = contact.state() == v1::CONTACT_STATE_PENDING || contact.state() == v1::CONTACT_STATE_WAITING;
  const std::string state = v1::ContactState_Name(contact.state());
  book->Add(v1::CALL_RULE_CONTACT_STATE, open,
            state.size() > kContactStatePrefix.size() ? Lower(state.substr(kContactStatePrefix.size())) : "unknown",
            "pending or waiting");
  // One that waits has a time at which that ends.
  const bool waits = contact.state() == v1::CONTACT_STATE_WAITING || contact.has_due_at();
  const absl::Time due = contact.has_due_at() ? telephony::FromProto(contact.due_at()) : kNever;
  book->Add(v1::CALL_RULE_NOT_DUE, waits ? (contact.has_due_at() ? TimeText(due) : "not known") : "now", "due",
            [=](absl::Time from) { return waits ? std::max(from, due) : from; });
  book->Add(v1::CALL_RULE_INVALID_NUMBER, telephony::IsE164(contact.number()),
            telephony::IsE164(contact.number()) ? "a number" : "not a number", "E.164");
  const std::optional<std::string> blocked = rules.BlockedPrefixOf(contact.number());
  book->Add(v1::CALL_RULE_BLOCKED_PREFIX, !rules.prefixes_broken() && !blocked.has_value(),
            rules.prefixes_broken() ? std::string(kUnreadable) : blocked.value_or("none"), "not blocked");
}

void AddList(v1::CallRule rule, const std::optional<absl::Time>& until, RuleBook* book) {
  const bool for_good = until == absl::InfiniteFuture();
  book->Add(rule, until.has_value() ? (for_good ? "for good" : Concat("until ", TimeText(*until))) : "not on it",
            "not on it", [until](absl::Time from) { return until.has_value() ? std::max(from, *until) : from; });
}

void AddNumberCap(v1::CallRule rule, int most, absl::Duration period, std::vector<absl::Time> dials, absl::Time now,
                  RuleBook* book) {
  std::sort(dials.begin(), dials.end(), std::greater<>());
  const auto within = std::count_if(dials.begin(), dials.end(), [&](absl::Time at) { return at > now - period; });
  // The one that has to be over before there is room.
  absl::Time over = absl::InfinitePast();
  if (most < 0) over = kNever;
  if (most > 0 && dials.size() >= static_cast<size_t>(most)) over = dials[static_cast<size_t>(most) - 1] + period;
  const std::string limit = most < 0 ? std::string(kUnreadable) : most == 0 ? std::string(kUnlimited) : Concat(most);
  book->Add(rule, Concat(within), limit, [over](absl::Time from) { return std::max(from, over); });
}

// The earliest time from `from` on at which `next` finds every zone open.
template <typename Next>
absl::Time NextInAll(const std::vector<Zone>& zones, absl::Time from, const Next& next) {
  absl::Time at = from;
  for (size_t agree = 0; agree < zones.size();) {
    for (const Zone& zone : zones) {
      const std::optional<absl::Time> open = next(at, zone.zone);
      if (!open.has_value()) return kNever;
      agree = *open > at ? 1 : agree + 1;
      at = *open;
      if (agree == zones.size()) break;
    }
  }
  return at;
}

// The first zone that is shut, else the first.
template <typename Open>
const Zone& Telling(const std::vector<Zone>& zones, const Open& open) {
  const auto shut = std::find_if(zones.begin(), zones.end(), [&](const Zone& zone) { return !open(zone.zone); });
  return shut == zones.end() ? zones.front() : *shut;
}

void AddHours(const CallingHours& hours, const std::vector<Zone>& zones, absl::Time now, RuleBook* book) {
  const absl::Time latest = book->latest();
  const Zone& window = Telling(zones, [&](const absl::TimeZone& zone) { return hours.InWindow(now, zone); });
  const absl::CivilDay day(window.zone.At(now).cs);
  book->Add(v1::CALL_RULE_CALLING_WINDOW,
            Concat(ToStd(absl::FormatTime("%a %H:%M", now, window.zone)), " ", window.name),
            hours.windows_broken() ? std::string(kUnreadable)
            : hours.has_windows()  ? hours.WindowsOf(day)
                                   : "any time",
            [hours = &hours, zones = &zones, latest](absl::Time from) {
              return NextInAll(*zones, from, [&](absl::Time at, const absl::TimeZone& zone) {
                return hours->NextInWindow(at, latest, zone);
              });
            });
  const Zone& holiday = Telling(zones, [&](const absl::TimeZone& zone) { return hours.IsWorkday(now, zone); });
  book->Add(v1::CALL_RULE_HOLIDAY, Concat(ToStd(absl::FormatTime("%Y-%m-%d", now, holiday.zone)), " ", holiday.name),
            hours.holidays_broken() ? std::string(kUnreadable) : "no holiday",
            [hours = &hours, zones = &zones, latest](absl::Time from) {
              return NextInAll(*zones, from, [&](absl::Time at, const absl::TimeZone& zone) {
                return hours->NextWorkday(at, latest, zone);
              });
            });
}

void AddAbandonRate(const AbandonLimit& limit, const PeopleReached& people, absl::Time now, RuleBook* book) {
  const ReachedCount day = people.Within(kShortAbandonPeriod, now);
  const ReachedCount month = people.Within(kLongAbandonPeriod, now);
  const auto text = [](const ReachedCount& count) {
    return Concat(Percent(AbandonRate(count)), " of ", count.reached);
  };
  book->Add(
      v1::CALL_RULE_ABANDON_RATE, Concat(text(day), " in 24 hours, ", text(month), " in 30 days"),
      limit.max_rate < 0 ? std::string(kUnreadable) : Concat(Percent(limit.max_rate), " from ", limit.after, " on"),
      [&limit, people = &people](absl::Time from) { return people->NextWithin(limit, from); });
}

}  // namespace

DialRules::DialRules(const v1::CampaignSettings& settings, std::vector<std::string> blocked_prefixes)
    : hours_(settings.rules().windows(), settings.rules().holidays()),
      fallback_time_zone_(settings.rules().fallback_time_zone()),
      attempt_cap_(settings.retries().max_attempts() < 0 ? 0 : AttemptCap(settings.retries())),
      per_day_(settings.rules().max_calls_per_number_per_day()),
      per_week_(settings.rules().max_calls_per_number_per_week()),
      blocked_prefixes_(std::move(blocked_prefixes)) {
  const v1::CallingRules& rules = settings.rules();
  if (rules.max_abandon_rate() != 0) abandon_limit_.max_rate = rules.max_abandon_rate();
  if (rules.abandon_rate_after() != 0) abandon_limit_.after = std::max(rules.abandon_rate_after(), 0);
  blocked_prefixes_.insert(blocked_prefixes_.end(), rules.blocked_prefixes().begin(), rules.blocked_prefixes().end());
  std::sort(blocked_prefixes_.begin(), blocked_prefixes_.end());
  prefixes_broken_ = !std::all_of(blocked_prefixes_.begin(), blocked_prefixes_.end(), IsBlockablePrefix);
}

absl::Status DialRules::CheckReadable() const {
  const auto unreadable = [](std::string_view rule) {
    return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_INVALID_FIELD,
                 Concat("settings.", rule, " ", kUnreadable, "; set it anew with UpdateCampaign"));
  };
  if (hours_.windows_broken()) return unreadable("rules.windows");
  if (hours_.holidays_broken()) return unreadable("rules.holidays");
  if (prefixes_broken_) return unreadable("rules.blocked_prefixes");
  if (per_day_ < 0) return unreadable("rules.max_calls_per_number_per_day");
  if (per_week_ < 0) return unreadable("rules.max_calls_per_number_per_week");
  if (abandon_limit_.max_rate < 0) return unreadable("rules.max_abandon_rate");
  if (attempt_cap_ < 1) return unreadable("retries.max_attempts");
  return absl::OkStatus();
}

std::vector<std::string> DialRules::TimeZonesOf(const v1::Contact& contact) const {
  if (!contact.time_zone().empty()) return {contact.time_zone()};
  const std::vector<std::string_view> of_number = telephony::TimeZonesOfNumber(contact.number());
  if (!of_number.empty()) return {of_number.begin(), of_number.end()};
  if (!fallback_time_zone_.empty()) return {fallback_time_zone_};
  return {};
}

std::optional<std::string> DialRules::BlockedPrefixOf(std::string_view number) const {
  for (size_t length = 2; length <= number.size(); ++length) {
    const auto found = std::lower_bound(blocked_prefixes_.begin(), blocked_prefixes_.end(), number.substr(0, length));
    if (found != blocked_prefixes_.end() && *found == number.substr(0, length)) return *found;
  }
  return std::nullopt;
}

v1::Decision Decide(const DialRules& rules, const CampaignFacts& campaign, const v1::Contact& contact,
                    const NumberFacts& number, absl::Time now) {
  RuleBook book(now);
  const std::string state = StateName(campaign.state);
  book.Add(v1::CALL_RULE_CAMPAIGN_STATE, campaign.state == v1::CAMPAIGN_STATE_RUNNING,
           state.empty() ? "unknown" : state, StateName(v1::CAMPAIGN_STATE_RUNNING));
  AddContact(rules, contact, &book);
  AddList(v1::CALL_RULE_DO_NOT_CALL_GLOBAL, number.on_global_list, &book);
  AddList(v1::CALL_RULE_DO_NOT_CALL_BUSINESS, number.on_business_list, &book);
  AddList(v1::CALL_RULE_DO_NOT_CALL_CAMPAIGN, number.on_campaign_list, &book);
  book.Add(v1::CALL_RULE_CONTACT_ATTEMPTS, contact.attempts() >= 0 && contact.attempts() < rules.attempt_cap(),
           Concat(contact.attempts()), Concat(rules.attempt_cap()));
  AddNumberCap(v1::CALL_RULE_NUMBER_PER_DAY, rules.per_day(), kDay, number.dials, now, &book);
  AddNumberCap(v1::CALL_RULE_NUMBER_PER_WEEK, rules.per_week(), kWeek, number.dials, now, &book);
  std::vector<std::string> names;
  std::optional<std::vector<Zone>> zones;
  if (rules.hours().NeedTimeZone()) {
    names = rules.TimeZonesOf(contact);
    zones = LoadZones(names);
    if (zones.has_value()) AddHours(rules.hours(), *zones, now, &book);
  }
  book.Add(v1::CALL_RULE_TIME_ZONE_UNKNOWN, !rules.hours().NeedTimeZone() || zones.has_value(),
           names.empty() ? (rules.hours().NeedTimeZone() ? "none" : "not needed") : NamesOf(names), "known");
  AddAbandonRate(rules.abandon_limit(), campaign.people, now, &book);
  return book.Finish(names);
}

Consequence ConsequenceOf(const v1::Decision& decision) {
  if (decision.rule() == v1::CALL_RULE_CAMPAIGN_STATE || decision.rule() == v1::CALL_RULE_CONTACT_STATE) {
    return Consequence::kLeave;
  }
  const bool used_up = std::any_of(decision.results().begin(), decision.results().end(), [](const auto& result) {
    return result.rule() == v1::CALL_RULE_CONTACT_ATTEMPTS && !result.passes();
  });
  if (used_up) return Consequence::kExhaust;
  return decision.has_next_at() ? Consequence::kPutOff : Consequence::kSuppress;
}

bool IsBlockablePrefix(std::string_view text) {
  return text.size() >= 2 && text.size() <= 16 && text[0] == '+' &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

std::string RuleName(v1::CallRule rule) {
  if (rule == v1::CALL_RULE_UNSPECIFIED || !v1::CallRule_IsValid(rule)) return "";
  return Lower(std::string_view(v1::CallRule_Name(rule)).substr(kRulePrefix.size()));
}

}  // namespace trunkline::scheduler
