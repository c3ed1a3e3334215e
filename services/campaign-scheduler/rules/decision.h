// Whether a contact may be called now, and if not, by which rule and when next. Pure: the same facts at the same time
// always give the same decision, whatever the order of lists.
//
//   const DialRules rules(campaign.settings(), service_wide_blocked_prefixes);   // once for each version of the
//   settings const v1::Decision decision = Decide(rules, campaign_facts, contact, number_facts, now); if
//   (!decision.allowed()) switch (ConsequenceOf(decision)) ...
//
// Fails closed: what cannot be read or is not known forbids the call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/campaign-scheduler/rules/calling_hours.h"
#include "services/campaign-scheduler/rules/people_reached.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

namespace v1 = campaigns::v1;

// How far ahead a time is looked for at which every rule lets the contact pass. What is later counts as never.
inline constexpr absl::Duration kDecisionHorizon = absl::Hours(24 * 400);

// The rules of a campaign, made ready for many decisions. Thread-safe.
class DialRules {
 public:
  // `blocked_prefixes` are those of the whole service, beside the campaign's own. A rule that cannot be read forbids
  // every call.
  DialRules(const v1::CampaignSettings& settings, std::vector<std::string> blocked_prefixes);

  // FAILED_PRECONDITION that names the rule which cannot be read. CheckSettings lets none such in: a campaign that has
  // one cannot go on.
  absl::Status CheckReadable() const;

  // The IANA names of the time zones that a contact can be in, in alphabetical order: its own, else those of its
  // number, else the fallback. Empty when none can be told.
  std::vector<std::string> TimeZonesOf(const v1::Contact& contact) const;

  const CallingHours& hours() const { return hours_; }
  int attempt_cap() const { return attempt_cap_; }
  int per_day() const { return per_day_; }
  int per_week() const { return per_week_; }
  const AbandonLimit& abandon_limit() const { return abandon_limit_; }
  // The blocked prefix that the number begins with; nothing when there is none.
  std::optional<std::string> BlockedPrefixOf(std::string_view number) const;
  bool prefixes_broken() const { return prefixes_broken_; }

 private:
  CallingHours hours_;
  std::string fallback_time_zone_;
  int attempt_cap_;
  int per_day_;
  int per_week_;
  AbandonLimit abandon_limit_;
  std::vector<std::string> blocked_prefixes_;  // in ascending order
  bool prefixes_broken_ = false;
};

// Of the campaign.
struct CampaignFacts {
  v1::CampaignState state = v1::CAMPAIGN_STATE_UNSPECIFIED;
  // Who was reached in the last 30 days, by hour.
  PeopleReached people;
};

// Of the contact's number.
struct NumberFacts {
  // When campaigns of the business called it, at least those of the last seven days. Calls that were certainly not
  // dialled are not among them.
  std::vector<absl::Time> dials;
  // The do-not-call lists that it is on: until when; absl::InfiniteFuture() for good; nothing when it is not on the
  // list.
  std::optional<absl::Time> on_global_list;
  std::optional<absl::Time> on_business_list;
  std::optional<absl::Time> on_campaign_list;
};

// Looks at every rule of enum CallRule, in its order. Of the contact its number, time_zone, state, attempts and due_at
// count. The windows and holidays are looked at where a time zone is known. `next_at` is the earliest time at which all
// rules pass together, as far as nothing but the time changes; unset when that is never, or beyond kDecisionHorizon.
v1::Decision Decide(const DialRules& rules, const CampaignFacts& campaign, const v1::Contact& contact,
                    const NumberFacts& number, absl::Time now);

// What becomes of a contact that may not be called now.
enum class Consequence {
  kLeave,     // as it is: the campaign does not run, or the contact is finished or under way
  kPutOff,    // waiting, until decision.next_at
  kSuppress,  // finished: a rule forbids it, and time alone does not change that
  kExhaust,   // finished: it had all its attempts
};
// `decision` is a denial.
Consequence ConsequenceOf(const v1::Decision& decision);

// '+' and 1 to 15 digits: what numbers can be blocked by.
bool IsBlockablePrefix(std::string_view text);

// "calling_window": how docs, evidence and metrics name a rule; "" for unspecified.
std::string RuleName(v1::CallRule rule);

}  // namespace trunkline::scheduler
