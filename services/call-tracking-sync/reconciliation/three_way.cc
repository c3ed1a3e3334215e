#include "services/call-tracking-sync/reconciliation/three_way.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/telephony/money.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

using calls::v1::Money;
using tracking::v1::CallDiscrepancy;
using tracking::v1::DiscrepancyKind;
using tracking::v1::DiscrepantValue;
using tracking::v1::MoneyAtStake;
using Kind = ConversationMatch::Kind;

std::string TextOf(bool value) { return value ? "true" : "false"; }
std::string TextOf(const std::optional<int64_t>& seconds) { return seconds.has_value() ? Concat(*seconds) : ""; }
std::string TextOf(const std::optional<Money>& money) {
  return money.has_value() ? Concat(telephony::FormatMicros(money->micros()), " ", money->currency()) : "";
}

bool AreApart(const std::optional<int64_t>& a, const std::optional<int64_t>& b, int64_t tolerance) {
  return a.has_value() && b.has_value() && std::llabs(*a - *b) > tolerance;
}

void PutAmount(const std::optional<Money>& money, Money* (MoneyAtStake::*field)(), MoneyAtStake* at_stake) {
  if (money.has_value() && money->micros() != 0) *(at_stake->*field)() = *money;
}

// Everything that was booked on a call.
void PutWhole(const ConversationSide& side, MoneyAtStake* at_stake) {
  PutAmount(side.revenue, &MoneyAtStake::mutable_revenue, at_stake);
  PutAmount(side.payout, &MoneyAtStake::mutable_payout, at_stake);
  PutAmount(side.cost, &MoneyAtStake::mutable_cost, at_stake);
}

// What two records tell of one thing, by whose record it is.
using Setter = void (*)(DiscrepantValue*, std::string);
void SetTracking(DiscrepantValue* value, std::string text) { value->set_tracking(std::move(text)); }
void SetTelephony(DiscrepantValue* value, std::string text) { value->set_telephony(std::move(text)); }
void SetProvider(DiscrepantValue* value, std::string text) { value->set_provider(std::move(text)); }

struct Pair {
  const ConversationSide& a;
  const ConversationSide& b;
  Setter set_a;
  Setter set_b;

  void Differ(const char* field, std::string of_a, std::string of_b, CallDiscrepancy* discrepancy) const {
    DiscrepantValue* value = discrepancy->add_values();
    value->set_field(field);
    set_a(value, std::move(of_a));
    set_b(value, std::move(of_b));
  }

  void CompareTalk(int64_t tolerance, CallDiscrepancy* discrepancy) const {
    if (a.was_answered != b.was_answered) {
      Differ("answered", TextOf(a.was_answered), TextOf(b.was_answered), discrepancy);
    } else if (AreApart(a.talk_seconds, b.talk_seconds, tolerance)) {
      Differ("talk_seconds", TextOf(a.talk_seconds), TextOf(b.talk_seconds), discrepancy);
    }
  }
};

class Comparison {
 public:
  Comparison(const Conversations& conversations, const ReconciliationRules& rules)
      : all_(conversations), rules_(rules) {}

  ReconciliationOutcome Run() {
    const ConversationMatches matches = MatchConversations(all_.tracked, all_.carried, rules_.window);
    for (size_t t = 0; t < all_.tracked.size(); ++t) JudgeTracked(all_.tracked[t], matches.tracked[t]);
    for (size_t c = 0; c < all_.carried.size(); ++c) JudgeCarried(all_.carried[c], matches.carried[c]);
    JudgeProvider();
    for (auto& [id, discrepancy] : found_) outcome_.discrepancies.push_back(std::move(discrepancy));
    return std::move(outcome_);
  }

 private:
  bool IsJudged(const ConversationSide& side) const {
    return side.is_over && side.started_at >= all_.judged_from && side.started_at < all_.judged_before;
  }

  CallDiscrepancy Make(DiscrepancyKind kind, const ConversationSide& first) const {
    CallDiscrepancy discrepancy;
    discrepancy.set_business_id(all_.business_id);
    discrepancy.set_kind(kind);
    discrepancy.set_state(tracking::v1::DISCREPANCY_STATE_OPEN);
    *discrepancy.mutable_started_at() = telephony::ToProto(first.started_at);
    return discrepancy;
  }
  static void SetTracked(const ConversationSide& tracked, CallDiscrepancy* discrepancy) {
    discrepancy->set_tracking_call_id(tracked.call_id);
    discrepancy->set_tracking_account_id(tracked.account_id);
  }
  static void SetCarried(const ConversationSide& carried, CallDiscrepancy* discrepancy) {
    discrepancy->set_telephony_call_id(carried.call_id);
    discrepancy->set_telephony_account_id(carried.account_id);
    discrepancy->set_external_call_id(carried.external_call_id);
  }
  void Add(CallDiscrepancy discrepancy) {
    discrepancy.set_discrepancy_id(UuidOfName(
        "call discrepancy", Concat(discrepancy.business_id(), " ", static_cast<int>(discrepancy.kind()), " ",
                                   discrepancy.tracking_call_id(), " ", discrepancy.telephony_call_id(), " ",
                                   discrepancy.telephony_account_id(), " ", discrepancy.external_call_id())));
    found_[discrepancy.discrepancy_id()] = std::move(discrepancy);
  }

  void JudgeTracked(const ConversationSide& tracked, const ConversationMatch& match) {
    if (!IsJudged(tracked)) return;
    ++outcome_.tracked_calls;
    switch (match.kind) {
      case Kind::kMatched:
        JudgePair(tracked, all_.carried[match.other]);
        break;
      case Kind::kNone:
        // What was never connected may never have reached the number.
        if (tracked.was_answered && all_.own_numbers.contains(tracked.forwarded_to)) {
          CallDiscrepancy discrepancy = Make(tracking::v1::DISCREPANCY_KIND_NO_TELEPHONY_CALL, tracked);
          SetTracked(tracked, &discrepancy);
          PutWhole(tracked, discrepancy.mutable_at_stake());
          Add(std::move(discrepancy));
        }
        break;
      case Kind::kUnclear: {
        CallDiscrepancy discrepancy = Make(tracking::v1::DISCREPANCY_KIND_UNCLEAR, tracked);
        SetTracked(tracked, &discrepancy);
        Add(std::move(discrepancy));
        break;
      }
      case Kind::kSpare:
        break;
    }
  }

  void JudgePair(const ConversationSide& tracked, const ConversationSide& carried) {
    ++outcome_.matched;
    if (!carried.is_over) return;
    CallDiscrepancy discrepancy = Make(tracking::v1::DISCREPANCY_KIND_TRACKING_DIFFERS, tracked);
    Pair{tracked, carried, SetTracking, SetTelephony}.CompareTalk(rules_.tracking_talk_tolerance, &discrepancy);
    if (discrepancy.values().empty()) return;
    SetTracked(tracked, &discrepancy);
    SetCarried(carried, &discrepancy);
    PutWhole(tracked, discrepancy.mutable_at_stake());
    Add(std::move(discrepancy));
  }

  void JudgeCarried(const ConversationSide& carried, const ConversationMatch& match) {
    if (!IsJudged(carried) || match.kind != Kind::kNone || !all_.tracked_numbers.contains(carried.to)) return;
    CallDiscrepancy discrepancy = Make(tracking::v1::DISCREPANCY_KIND_NOT_TRACKED, carried);
    SetCarried(carried, &discrepancy);
    PutAmount(carried.cost, &MoneyAtStake::mutable_cost, discrepancy.mutable_at_stake());
    Add(std::move(discrepancy));
  }

  // Our telephony calls and the providers' records have the provider's id in common.
  void JudgeProvider() {
    std::map<std::pair<std::string, std::string>, const ConversationSide*> records;
    for (const ConversationSide& record : all_.provider) {
      records[{record.account_id, record.external_call_id}] = &record;
    }
    for (const ConversationSide& carried : all_.carried) {
      const auto found = records.find({carried.account_id, carried.external_call_id});
      const ConversationSide* record = found == records.end() ? nullptr : found->second;
      if (record != nullptr) records.erase(found);
      if (!IsJudged(carried) || !all_.asked_accounts.contains(carried.account_id)) continue;
      record == nullptr ? AddNotAtProvider(carried) : JudgeRecord(carried, *record);
    }
    for (const auto& [key, record] : records) {
      if (!IsJudged(*record) || !all_.tracked_numbers.contains(record->to)) continue;
      CallDiscrepancy discrepancy = Make(tracking::v1::DISCREPANCY_KIND_NOT_RECORDED, *record);
      SetCarried(*record, &discrepancy);
      PutAmount(record->cost, &MoneyAtStake::mutable_cost, discrepancy.mutable_at_stake());
      Add(std::move(discrepancy));
    }
  }

  void AddNotAtProvider(const ConversationSide& carried) {
    CallDiscrepancy discrepancy = Make(tracking::v1::DISCREPANCY_KIND_NOT_AT_PROVIDER, carried);
    SetCarried(carried, &discrepancy);
    PutAmount(carried.cost, &MoneyAtStake::mutable_cost, discrepancy.mutable_at_stake());
    Add(std::move(discrepancy));
  }

  void JudgeRecord(const ConversationSide& carried, const ConversationSide& record) {
    if (!record.is_over) return;
    CallDiscrepancy discrepancy = Make(tracking::v1::DISCREPANCY_KIND_PROVIDER_DIFFERS, carried);
    const Pair pair{carried, record, SetTelephony, SetProvider};
    pair.CompareTalk(rules_.provider_talk_tolerance, &discrepancy);
    if (record.cost.has_value()) {
      // A cost that we do not have yet counts as none; in another currency there is no difference to be told.
      const Money ours = carried.cost.value_or(Money());
      const bool same_currency = !carried.cost.has_value() || ours.currency() == record.cost->currency();
      if (!same_currency || ours.micros() != record.cost->micros()) {
        pair.Differ("cost", TextOf(carried.cost), TextOf(record.cost), &discrepancy);
        Money difference = *record.cost;
        if (same_currency) difference.set_micros(std::llabs(record.cost->micros() - ours.micros()));
        PutAmount(difference, &MoneyAtStake::mutable_cost, discrepancy.mutable_at_stake());
      }
    }
    if (discrepancy.values().empty()) return;
    SetCarried(carried, &discrepancy);
    Add(std::move(discrepancy));
  }

  const Conversations& all_;
  const ReconciliationRules& rules_;
  std::map<std::string, CallDiscrepancy> found_;
  ReconciliationOutcome outcome_;
};

}  // namespace

ReconciliationOutcome Reconcile(const Conversations& conversations, const ReconciliationRules& rules) {
  return Comparison(conversations, rules).Run();
}

}  // namespace trunkline::tracking_sync
