// The ledger against a model that only counts, under random commands, with leaders that come and go.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "libs/base/text.h"
#include "services/concurrency-governor/ledger/slot_ledger.h"

namespace trunkline::governor {
namespace {

constexpr int kSteps = 20'000;
constexpr int64_t kLongestJournal = 2'500;

// What a reader of the journal sees, and what it must find true.
class Model {
 public:
  explicit Model(LedgerOptions options) : options_(options) {}

  void Apply(const LedgerChanges& changes) {
    granted_now_.clear();
    for (const auto& [key, value] : changes.limits) limits[key] = value;
    for (const LevelKey& key : changes.cleared_limits) limits.erase(key);
    for (const auto& [account_id, ceiling] : changes.learned) learned[account_id] = ceiling;
    for (const std::string& account_id : changes.risen) learned.erase(account_id);
    if (!changes.slots.empty() || !changes.ended.empty()) {
      EXPECT_GT(changes.first_line, journal.last_line()) << "a line has one number";
    }
    for (const Slot& slot : changes.slots) {
      const auto before = slots().find(slot.slot_id());
      if (before == slots().end() || before->second.slot.fencing_token() != slot.fencing_token()) {
        EXPECT_TRUE(before == slots().end() || !before->second.slot.IsLive()) << "a live slot keeps its token";
        EXPECT_GT(slot.fencing_token(), last_token_per_run_) << "tokens grow";
        if (slot.kind() != SlotKind::kInbound) granted_now_.push_back(slot);
      } else {
        EXPECT_TRUE(before->second.slot.IsLive()) << "an ended slot does not change";
      }
    }
    for (const Slot& slot : changes.ended) {
      const auto before = slots().find(slot.slot_id());
      ASSERT_TRUE(before != slots().end() && before->second.slot.IsLive()) << "it is known, and ends once";
      EXPECT_TRUE(slot.grant == before->second.slot.grant && slot.call_id == before->second.slot.call_id &&
                  slot.expires_at == before->second.slot.expires_at)
          << "a line of an end would not tell what else changed";
    }
    for (const Slot& slot : changes.slots) last_token_per_run_ = std::max(last_token_per_run_, slot.fencing_token());
    journal.Read({.first_line = changes.first_line, .slots = changes.slots, .ended = changes.ended});
    for (const Slot& slot : changes.written_again) {
      EXPECT_EQ(slots().at(slot.slot_id()).slot.released_at, slot.released_at) << "it only moves";
    }
    const auto told = static_cast<int64_t>(changes.slots.size() + changes.ended.size());
    journal.Read({.first_line = changes.first_line + told, .written_again = changes.written_again});
    EXPECT_TRUE(std::none_of(slots().begin(), slots().end(), [&](const auto& known) {
      return known.second.line < changes.needed_from && known.second.slot.IsLive();
    })) << "a slot that lasts is not forgotten";
    journal.Forget(changes.needed_from);
    EXPECT_LE(journal.last_line() - changes.needed_from, kLongestJournal) << "though some calls go on for ever";
    for (const Slot& slot : granted_now_) {
      for (const LevelKey& key : slot.subject().Levels()) begun_[key].push_back(slot.granted_at());
      Check(slot);
    }
  }

  const JournaledSlots::BySlotId& slots() const { return journal.slots(); }
  int Count(const LevelKey& key, std::optional<SlotKind> kind = std::nullopt) const {
    return static_cast<int>(std::count_if(slots().begin(), slots().end(), [&](const auto& entry) {
      const Slot& slot = entry.second.slot;
      const std::vector<LevelKey> levels = slot.subject().Levels();
      return slot.IsLive() && (!kind.has_value() || slot.kind() == *kind) &&
             std::find(levels.begin(), levels.end(), key) != levels.end();
    }));
  }
  std::optional<int> Ceiling(const LevelKey& key) const {
    const auto found = limits.find(key);
    std::optional<int> ceiling;
    if (found != limits.end()) ceiling = found->second.concurrency;
    if (key.level == Level::kGlobal) return ceiling.value_or(options_.levels.global_calls);
    if (key.level != Level::kBusiness) return ceiling;
    const int calls = ceiling.value_or(options_.levels.business_calls);
    return found == limits.end() ? calls : std::max(calls, found->second.burst);
  }
  int Unused() const {
    int unused = 0;
    for (const auto& [key, value] : limits) {
      if (value.guaranteed > 0) unused += std::max(0, value.guaranteed - Count(key));
    }
    return unused;
  }

  JournaledSlots journal;
  std::map<LevelKey, Limits> limits;
  std::map<std::string, LearnedCeiling> learned;

 private:
  // Everything that was granted in this step is there now, so that each grant must hold with all the others.
  void Check(const Slot& slot) {
    for (const LevelKey& key : slot.subject().Levels()) {
      if (const auto ceiling = Ceiling(key); ceiling.has_value()) {
        ASSERT_LE(Count(key), *ceiling);
      }
      const auto found = limits.find(key);
      if (found == limits.end()) continue;
      const Limits& limit = found->second;
      int kept = std::max(0, limit.kept_for_inbound - Count(key, SlotKind::kInbound));
      if (slot.kind() == SlotKind::kOrdinary) {
        kept += std::max(0, limit.kept_for_priority - Count(key, SlotKind::kPriority));
      }
      if (const auto ceiling = Ceiling(key); ceiling.has_value() && kept > 0) {
        ASSERT_LE(Count(key), *ceiling - kept);
      }
      CheckRate(key, limit.rates.per_second, absl::Seconds(1), slot.granted_at());
      CheckRate(key, limit.rates.per_minute, absl::Minutes(1), slot.granted_at());
      CheckRate(key, limit.rates.per_hour, absl::Hours(1), slot.granted_at());
      const auto& begun = begun_[key];
      if (limit.rates.spacing > absl::ZeroDuration() && begun.size() > 1) {
        ASSERT_GE(begun.back() - begun[begun.size() - 2], limit.rates.spacing);
      }
    }
    CheckGuarantees(slot.subject().business_id);
    CheckLearned(slot);
  }
  // Of a business that has more than it is guaranteed: what others are guaranteed was left free.
  void CheckGuarantees(const std::string& business_id) {
    const LevelKey global{Level::kGlobal, ""};
    const LevelKey business{Level::kBusiness, business_id};
    const auto found = limits.find(business);
    if (Count(business) <= (found == limits.end() ? 0 : found->second.guaranteed)) return;
    ASSERT_LE(Count(global) + Unused(), *Ceiling(global));
  }
  void CheckLearned(const Slot& slot) {
    const auto found = learned.find(slot.subject().provider_account_id);
    if (found == learned.end()) return;
    const int64_t risen = (slot.granted_at() - found->second.since) / options_.levels.recovery_interval;
    ASSERT_LE(Count({Level::kProviderAccount, found->first}), found->second.calls + risen);
  }
  void CheckRate(const LevelKey& key, int most, absl::Duration length, absl::Time end) {
    if (most == 0) return;
    const auto& begun = begun_[key];
    const auto in_window = std::count_if(begun.begin(), begun.end(), [&](absl::Time at) { return at > end - length; });
    ASSERT_LE(in_window, most) << "of " << key.id;
  }

  const LedgerOptions options_;
  std::vector<Slot> granted_now_;
  std::map<LevelKey, std::vector<absl::Time>> begun_;
  int64_t last_token_per_run_ = 0;
};

class RandomRun {
 public:
  explicit RandomRun(uint32_t seed) : random_(seed) {
    // Rates stand from the start, so that every window is the ledger's to keep.
    limits_ = {{{Level::kProviderAccount, "a0"}, {.concurrency = 4, .rates = {.per_second = 3}}},
               {{Level::kProviderAccount, "a1"}, {.rates = {.per_hour = 90}}},
               {{Level::kCampaign, "c0"}, {.rates = {.per_minute = 40, .spacing = absl::Milliseconds(50)}}},
               {{Level::kBusiness, "b1"}, {.guaranteed = 3}},
               {{Level::kBusiness, "b2"}, {.concurrency = 3, .burst = 9, .weight = 2}}};
    EXPECT_TRUE(ledger_->SetLimits(limits_, {}).ok());
    model_.Apply(ledger_->TakeChanges());
  }

  std::string Go(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) {
      now_ += absl::Milliseconds(Below(400));
      const int commands = Below(6);
      for (int j = 0; j < commands; ++j) Command();
      Advance();
      CheckNobodyWaitsInVain();
      if (Below(400) == 0) ChangeLeader();
    }
    Drain();
    return trace_;
  }

 private:
  int Below(int n) { return static_cast<int>(random_() % static_cast<uint32_t>(n)); }
  std::string Business() { return Concat("b", Below(4)); }
  Subject MakeSubject() {
    Subject subject{.business_id = Business()};
    if (Below(2) == 0) subject.provider_account_id = Concat("a", Below(3));
    if (Below(3) == 0) subject.caller_number = Concat("+1555000000", Below(3));
    if (Below(3) == 0) subject.campaign_id = Concat("c", Below(2));
    return subject;
  }
  const Slot* AnySlot() {
    if (model_.slots().empty()) return nullptr;
    auto it = model_.slots().begin();
    std::advance(it, Below(static_cast<int>(model_.slots().size())));
    return &it->second.slot;
  }

  void Command() {
    const Slot* slot = AnySlot();
    const int choice = Below(100);
    if (choice < 45) {
      const SlotWish wish{.request_id = Concat("r", ++requests_),
                          .subject = MakeSubject(),
                          .kind = Below(4) == 0 ? SlotKind::kPriority : SlotKind::kOrdinary,
                          .call_id = Below(2) == 0 ? Concat("call", requests_) : ""};
      waiting_[requests_] = wish;
      ledger_->Acquire(requests_, wish, now_ + absl::Milliseconds(Below(3) * 1000), now_);
    } else if (choice < 50 && slot != nullptr) {
      // The same request again, as after a lost answer.
      ledger_->Acquire(kRepeat, {.request_id = slot->grant->request_id, .subject = slot->subject()}, now_, now_);
    } else if (choice < 60 && slot != nullptr) {
      ledger_->Bind(Reference(*slot), Concat("bound", slot->slot_id()), {}, now_).IgnoreError();
    } else if (choice < 75 && slot != nullptr) {
      ledger_->Release(Reference(*slot), ReleaseReason::kReturned, now_).IgnoreError();
    } else if (choice < 85 && slot != nullptr && !slot->call_id.empty()) {
      ledger_->NoteCall({.call_id = slot->call_id, .subject = slot->subject(), .ended = true, .at = now_}, now_);
    } else if (choice < 90) {
      ledger_->NoteCall({.call_id = Concat("in", Below(3000)),
                         .subject = {.business_id = Business()},
                         .inbound = true,
                         .ended = Below(2) == 0,
                         .at = now_},
                        now_);
    } else if (choice < 92) {
      ledger_
          ->SetLimits({{{Level::kGlobal, ""},
                        {.concurrency = 8 + Below(12), .kept_for_inbound = Below(3), .kept_for_priority = Below(2)}}},
                      {})
          .IgnoreError();
    } else if (choice < 94) {
      ledger_->SetLimits({{{Level::kCallerNumber, "+15550000000"}, {.concurrency = 1 + Below(3)}}}, {}).IgnoreError();
    } else if (choice < 95) {
      ledger_->SetLimits({}, {{Level::kCallerNumber, "+15550000000"}}).IgnoreError();
    } else if (choice < 97 && slot != nullptr && !slot->call_id.empty()) {
      ledger_->NoteInquiry(slot->call_id, Below(2) == 0 ? CallLife::kAlive : CallLife::kEnded, now_);
    } else if (choice < 98) {
      ledger_->NoteRefusal("a1", now_);
    }
  }

  void Advance() {
    ledger_->Advance(now_);
    model_.Apply(ledger_->TakeChanges());
    for (const Decision& decision : ledger_->TakeDecisions()) {
      if (decision.ticket == kRepeat) continue;
      trace_ += Concat(decision.ticket, decision.outcome == Decision::Outcome::kGranted ? "+" : "-", ' ');
      ASSERT_EQ(waiting_.erase(decision.ticket), 1U) << "one decision a request";
      if (decision.outcome == Decision::Outcome::kGranted) {
        ASSERT_TRUE(model_.slots().contains(decision.slot.slot_id())) << "in the journal before it is told";
      }
    }
    int live = 0;
    for (const auto& [slot_id, journaled] : model_.slots()) live += journaled.slot.IsLive() ? 1 : 0;
    ASSERT_EQ(static_cast<int>(ledger_->live()), live);
    for (const Slot& slot : ledger_->LiveSlots()) {
      const Slot& journaled = model_.slots().at(slot.slot_id()).slot;
      ASSERT_EQ(journaled.call_id, slot.call_id) << "else the next leader lets the slot of a call expire";
      ASSERT_EQ(journaled.expires_at, slot.expires_at);
      ASSERT_LT(slot.last_news_at - journaled.last_news_at, options_.silence / 4);
    }
    for (const LevelUse& use : ledger_->book().Uses(now_)) ASSERT_EQ(use.in_use, model_.Count(use.key)) << use.key.id;
  }

  // Who waits is held up by something that the model can see too: a gate, or one who waits for a place at the same
  // narrower level, cannot have it yet and has been passed by others.
  void CheckNobodyWaitsInVain() {
    const auto may_pass = [this](const SlotWish& wish) {
      return ledger_->book().Gates(wish.subject, wish.kind, now_, /*burst=*/false).empty();
    };
    for (const auto& [ticket, wish] : waiting_) {
      if (!may_pass(wish)) continue;
      const bool kept_for_another = std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& other) {
        return !may_pass(other.second) && NamesTheSameNarrowLevel(other.second.subject, wish.subject);
      });
      ASSERT_TRUE(kept_for_another) << "ticket " << ticket << " could pass";
    }
  }
  static bool NamesTheSameNarrowLevel(const Subject& a, const Subject& b) {
    bool same = false;
    for (const LevelKey& key : a.Levels()) {
      const std::vector<LevelKey> others = b.Levels();
      const bool narrow = key.level != Level::kGlobal && key.level != Level::kBusiness;
      same |= narrow && std::find(others.begin(), others.end(), key) != others.end();
    }
    return same;
  }

  // All that is not in the journal is lost.
  void ChangeLeader() {
    ledger_ = std::make_unique<SlotLedger>(options_, ++epoch_);
    ledger_->Restore({model_.limits.begin(), model_.limits.end()}, model_.journal,
                     {model_.learned.begin(), model_.learned.end()});
    waiting_.clear();
    Advance();
  }

  void Drain() {
    now_ += absl::Seconds(3);
    Advance();
    ASSERT_TRUE(waiting_.empty()) << "every request was decided by its deadline";
    for (const Slot& slot : ledger_->LiveSlots()) {
      ledger_->Release(Reference(slot), ReleaseReason::kReturned, now_).IgnoreError();
    }
    Advance();
    ASSERT_EQ(ledger_->live(), 0U);
    for (const LevelUse& use : ledger_->book().Uses(now_))
      ASSERT_EQ(use.in_use, 0) << "a leaked slot of " << use.key.id;
    now_ += absl::Hours(2);
    Advance();
    ASSERT_TRUE(model_.slots().empty()) << "what has ended is forgotten";
  }

  static SlotReference Reference(const Slot& slot) {
    return {.business_id = slot.subject().business_id, .id = slot.slot_id(), .fencing_token = slot.fencing_token()};
  }

  static constexpr Ticket kRepeat = 0;
  const LedgerOptions options_{
      .levels = {.global_calls = 12, .business_calls = 6}, .memory = absl::Seconds(20), .most_passed = 3};

  std::mt19937 random_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  int64_t epoch_ = 1;
  Ticket requests_ = 0;
  std::vector<std::pair<LevelKey, Limits>> limits_;
  std::unique_ptr<SlotLedger> ledger_ = std::make_unique<SlotLedger>(options_, epoch_);
  Model model_{options_};
  std::map<Ticket, SlotWish> waiting_;
  std::string trace_;
};

TEST(SlotLedgerModelTest, HoldsEveryLimitAndLosesNoSlotUnderRandomCommands) {
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(Concat("seed ", seed));
    RandomRun(seed).Go(kSteps / 8);
    if (HasFatalFailure()) return;
  }
}

TEST(SlotLedgerModelTest, TheSameCommandsGiveTheSameDecisions) {
  EXPECT_EQ(RandomRun(42).Go(1000), RandomRun(42).Go(1000));
}

// A full system: businesses that always want more, and calls that end after a while.
class FullSystem {
 public:
  FullSystem(uint32_t seed, int global, const std::map<std::string, int>& weights, absl::Duration longest)
      : random_(seed), weights_(weights), longest_(longest), ledger_({.levels = {.global_calls = global}}, 1) {
    for (const auto& [business, weight] : weights) {
      EXPECT_TRUE(
          ledger_.SetLimits({{{Level::kBusiness, business}, {.concurrency = 1000, .weight = weight}}}, {}).ok());
    }
  }

  // Keeps so many requests of each business waiting.
  void Run(absl::Duration time, size_t waiting, const std::function<void()>& each_second) {
    const absl::Time end = now_ + time;
    while (now_ < end) {
      now_ += absl::Milliseconds(100);
      while (!ends_.empty() && ends_.begin()->first <= now_) {
        EXPECT_TRUE(ledger_.Release(ends_.begin()->second, ReleaseReason::kCallEnded, now_).ok());
        ends_.erase(ends_.begin());
      }
      for (const auto& [business, weight] : weights_) {
        while (ledger_.waiting().SizeOf(business) < waiting) {
          ++requests_;
          asked_[requests_] = {business, now_, ledger_.waiting().SizeOf(business) + 1};
          ledger_.Acquire(
              requests_,
              {.request_id = Concat(requests_), .subject = {.business_id = business}, .call_id = Concat(requests_)},
              now_ + absl::Hours(10), now_);
        }
      }
      ledger_.Advance(now_);
      for (const Decision& decision : ledger_.TakeDecisions()) {
        const auto& [business, asked_at, place] = asked_.at(decision.ticket);
        if (on_grant) on_grant(business, now_ - asked_at, place);
        const absl::Duration length = longest_ * (1 + static_cast<int>(random_() % 100)) / 100;
        ends_.emplace(now_ + length, SlotReference{.business_id = business, .id = decision.slot.slot_id()});
        asked_.erase(decision.ticket);
      }
      ledger_.TakeChanges();
      if (absl::ToUnixMillis(now_) % 1000 == 0 && each_second) each_second();
    }
  }
  int InUse(const std::string& business) const { return ledger_.book().InUse({Level::kBusiness, business}); }

  std::function<void(const std::string& business, absl::Duration waited, size_t place)> on_grant;

 private:
  std::mt19937 random_;
  const std::map<std::string, int> weights_;
  const absl::Duration longest_;
  SlotLedger ledger_;
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  Ticket requests_ = 0;
  std::map<Ticket, std::tuple<std::string, absl::Time, size_t>> asked_;
  std::multimap<absl::Time, SlotReference> ends_;
};

TEST(FairnessTest, SharesFollowTheWeightsOverAnyMinuteOfAFullSystem) {
  const std::map<std::string, int> weights = {{"one", 1}, {"uno", 1}, {"two", 2}};
  FullSystem system(7, /*global=*/50, weights, absl::Seconds(40));
  system.Run(absl::Minutes(1), 20, {});
  std::map<std::string, std::vector<int>> seconds;
  system.Run(absl::Minutes(20), 20, [&] {
    for (const auto& [business, weight] : weights) seconds[business].push_back(system.InUse(business));
  });
  for (const auto& [business, weight] : weights) {
    const double fair = 50.0 * weight / 4;
    const std::vector<int>& in_use = seconds[business];
    for (size_t i = 0; i + 60 <= in_use.size(); ++i) {
      double sum = 0;
      for (size_t j = i; j < i + 60; ++j) sum += in_use[j];
      ASSERT_NEAR(sum / 60, fair, fair * 0.1) << business << " in the minute from second " << i;
    }
  }
}

TEST(FairnessTest, NobodyWaitsLongerThanTheBound) {
  const std::map<std::string, int> weights = {{"a", 1}, {"b", 1}, {"c", 2}, {"d", 5}};
  constexpr int kGlobal = 18;
  const absl::Duration longest = absl::Seconds(30);
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    FullSystem system(seed, kGlobal, weights, longest);
    absl::Duration worst;
    system.on_grant = [&](const std::string& business, absl::Duration waited, size_t place) {
      const int share = kGlobal * weights.at(business) / 9;
      const auto rounds = static_cast<int>((place + static_cast<size_t>(share) - 1) / static_cast<size_t>(share));
      ASSERT_LE(waited, 2 * longest * rounds) << business << " at place " << place;
      worst = std::max(worst, waited);
    };
    system.Run(absl::Minutes(30), 12, {});
    EXPECT_GT(worst, longest) << "else the system was not full";
  }
}

}  // namespace
}  // namespace trunkline::governor
