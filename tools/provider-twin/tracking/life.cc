#include "tools/provider-twin/tracking/life.h"

#include <algorithm>
#include <array>
#include <utility>

namespace trunkline::twin::tracking {
namespace {

constexpr int64_t kUnit = 10'000;  // of money

bool ComesTo(const Call& call, Stage stage) {
  if (stage == Stage::kRinging) return call.TargetTried();
  return stage != Stage::kTalking || call.ending == Ending::kTalked;
}

Stage Next(const Call& call, Stage stage) {
  do {
    stage = static_cast<Stage>(static_cast<int>(stage) + 1);
  } while (!ComesTo(call, stage));
  return stage;
}

}  // namespace

std::optional<ChangeKind> ChangeKindOf(std::string_view word) {
  constexpr std::array<std::pair<std::string_view, ChangeKind>, 5> kWords = {{{"money", ChangeKind::kMoney},
                                                                              {"conversion", ChangeKind::kConversion},
                                                                              {"tags", ChangeKind::kTags},
                                                                              {"recording", ChangeKind::kRecording},
                                                                              {"delete", ChangeKind::kDelete}}};
  const auto* found =
      std::find_if(kWords.begin(), kWords.end(), [&](const auto& known) { return known.first == word; });
  return found == kWords.end() ? std::nullopt : std::optional(found->second);
}

int64_t Life::NowMs(const Account& account) const {
  return absl::ToUnixMillis(world_.scheduler.Now() + absl::Seconds(account.behaviour.clock_ahead_seconds));
}

void Life::After(int64_t ms, std::function<void()> task) {
  world_.scheduler.After(absl::Milliseconds(std::max<int64_t>(ms, 0)),
                         [this, generation = generation_, task = std::move(task)] {
                           if (generation == generation_) task();
                         });
}

void Life::Begin(Account& account, const Call& call, Telling telling) {
  const int64_t left = call.started_ms - NowMs(account);
  if (left <= 0) return BeginNow(account, call, telling, /*as_planned=*/false);
  After(left, [this, &account, call, telling] { BeginNow(account, call, telling, /*as_planned=*/true); });
}

void Life::BeginNow(Account& account, const Call& call, Telling telling, bool as_planned) {
  Call begun = call;
  begun.stage = Stage::kStarted;
  const int64_t now = NowMs(account);
  while (!begun.IsSettled() && begun.MsOf(Next(begun, begun.stage)) <= now) begun.stage = Next(begun, begun.stage);
  begun.changed_ms = begun.MsOf(begun.stage);
  const uint32_t number = account.book.Add(begun);
  if (as_planned && account.behaviour.api_lag_ms > 0) {
    account.book.HoldBack(number);
    After(static_cast<int64_t>(account.behaviour.api_lag_ms), [&account, number] { account.book.LetOut(number); });
  }
  if (telling == Telling::kAll || (telling == Telling::kNews && as_planned)) {
    if (!begun.HasEnded()) tell_(account, number, Event::kStarted);
    if (begun.HasEnded()) tell_(account, number, Event::kEnded);
    if (begun.IsSettled()) TellSettled(account, number);
  }
  if (!begun.IsSettled()) PlanNext(account, number, telling);
}

void Life::PlanNext(Account& account, uint32_t number, Telling telling) {
  const Call& call = account.book.At(number);
  const Stage next = Next(call, call.stage);
  After(call.MsOf(next) - NowMs(account),
        [this, &account, number, next, telling] { Enter(account, number, next, telling); });
}

void Life::Enter(Account& account, uint32_t number, Stage stage, Telling telling) {
  if (account.book.IsRemoved(number)) return;
  const int64_t now = NowMs(account);
  account.book.Update(number, [&](Call& call) {
    call.stage = stage;
    call.changed_ms = std::max(now, call.changed_ms + 1);
  });
  if (telling != Telling::kNothing) {
    if (stage == Stage::kRinging) tell_(account, number, Event::kRinging);
    if (stage == Stage::kTalking) tell_(account, number, Event::kAnswered);
    if (stage == Stage::kEnded) tell_(account, number, Event::kEnded);
    if (stage == Stage::kSettled) TellSettled(account, number);
  }
  if (stage != Stage::kSettled) PlanNext(account, number, telling);
}

void Life::TellSettled(Account& account, uint32_t number) {
  const Call& call = account.book.At(number);
  const bool converted = call.HasConverted();
  const bool recorded = call.HasRecording();
  if (converted) tell_(account, number, Event::kConverted);
  if (converted) tell_(account, number, Event::kPayout);
  if (recorded) tell_(account, number, Event::kRecording);
}

void Life::Put(Account& account, const Call& call, const std::string& id, std::map<std::string, std::string> tags,
               Telling telling) {
  std::optional<uint32_t> number = account.book.Find(id);
  if (number.has_value()) {
    account.book.Update(*number, [&](Call& there) {
      const uint64_t seed = there.seed;
      there = call;
      there.seed = seed;
    });
  } else {
    number = account.book.Add(call, id);
  }
  CallExtras& extras = account.book.ExtrasOf(*number);
  extras.own_tags = true;
  extras.tags = std::move(tags);
  if (telling != Telling::kAll) return;
  tell_(account, *number, Event::kEnded);
  TellSettled(account, *number);
}

void Life::Set(Account& account, uint32_t number, const std::function<void(Call&, CallExtras&)>& change) {
  const int64_t now = NowMs(account);
  CallExtras& extras = account.book.ExtrasOf(number);
  account.book.Update(number, [&](Call& call) {
    change(call, extras);
    ++call.changes;
    // A change is later than the one before, whatever the clock says.
    call.changed_ms = std::max(now, call.changed_ms + 1);
    extras.changed_ms.push_back(call.changed_ms);
  });
}

bool Life::Change(Account& account, uint32_t number, ChangeKind kind, bool tells) {
  const Call& before = account.book.At(number);
  if (!before.IsSettled() || before.deleted_ms != 0 || account.book.IsRemoved(number)) return false;
  if (kind == ChangeKind::kDelete) {
    Set(account, number, [](Call&, CallExtras&) {});
    account.book.Update(number, [](Call& call) { call.deleted_ms = call.changed_ms; });
    if (!shows_deleted_) account.book.Remove(number, account.book.At(number).deleted_ms);
    if (tells && shows_deleted_) tell_(account, number, Event::kChanged);
    return true;
  }
  if (kind == ChangeKind::kRecording && (before.recorded || before.ending != Ending::kTalked)) kind = ChangeKind::kTags;
  const int64_t amount = (1 + static_cast<int64_t>(world_.chance.Fraction() * 50)) * kUnit / 4;
  const bool was_converted = before.converts;
  Set(account, number, [&](Call& call, CallExtras& extras) {
    switch (kind) {
      case ChangeKind::kMoney:
        call.revenue += amount;
        call.payout += amount * 3 / 5;
        call.adjusted = true;
        break;
      case ChangeKind::kConversion:
        call.converts = !call.converts;
        call.revenue = call.converts ? call.revenue + amount : 0;
        call.payout = call.converts ? call.payout + amount / 2 : 0;
        call.adjusted = true;
        break;
      case ChangeKind::kTags:
        extras.tags["disposition"] = Concat("sold-", call.changes + 1);
        break;
      case ChangeKind::kRecording:
        call.recorded = true;
        break;
      case ChangeKind::kDelete:
        break;
    }
  });
  if (!tells) return true;
  tell_(account, number, Event::kChanged);
  if (kind == ChangeKind::kConversion && !was_converted) tell_(account, number, Event::kConverted);
  if (kind == ChangeKind::kMoney || kind == ChangeKind::kConversion) tell_(account, number, Event::kPayout);
  if (kind == ChangeKind::kRecording) tell_(account, number, Event::kRecording);
  return true;
}

void Life::ChangeLater(Account& account, uint32_t number, ChangeKind kind, bool tells, int64_t in_ms) {
  After(in_ms, [this, &account, number, kind, tells] { Change(account, number, kind, tells); });
}

}  // namespace trunkline::twin::tracking
