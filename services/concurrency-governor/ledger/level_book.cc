#include "services/concurrency-governor/ledger/level_book.h"

#include <algorithm>

namespace trunkline::governor {
namespace {

constexpr LevelView kGlobalLevel(Level::kGlobal, {});

LevelView BusinessView(std::string_view business_id) { return {Level::kBusiness, business_id}; }
LevelView AccountView(std::string_view account_id) { return {Level::kProviderAccount, account_id}; }

}  // namespace

const Limits& LevelBook::NoLimits() {
  static const Limits none;
  return none;
}

const Limits& LevelBook::LimitsOf(LevelView key) const {
  const auto found = limits_.find(key);
  return found == limits_.end() ? NoLimits() : found->second;
}

int LevelBook::GlobalCeiling() const { return LimitsOf(kGlobalLevel).concurrency.value_or(defaults_.global_calls); }

int LevelBook::InUse(LevelView key) const {
  const auto found = books_.find(key);
  return found == books_.end() ? 0 : found->second.in_use;
}

BusinessShare LevelBook::ShareOf(std::string_view business_id) const {
  const LevelView key = BusinessView(business_id);
  const auto found = books_.find(key);
  const Limits& limits = found == books_.end() ? LimitsOf(key) : *found->second.limits;
  return {.in_use = found == books_.end() ? 0 : found->second.in_use,
          .guaranteed = limits.guaranteed,
          .weight = std::max(1, limits.weight)};
}

bool LevelBook::MayBurst(std::string_view business_id) const {
  const Limits& limits = LimitsOf(BusinessView(business_id));
  return limits.burst > limits.concurrency.value_or(defaults_.business_calls);
}

int LevelBook::UnusedGuarantee(const Limits& limits, int in_use) { return std::max(0, limits.guaranteed - in_use); }

void LevelBook::SetLimits(const LevelKey& key, const Limits& limits) {
  if (key.level == Level::kBusiness) {
    const Limits& before = LimitsOf(key);
    const int in_use = InUse(key);
    guaranteed_ += limits.guaranteed - before.guaranteed;
    unused_guarantees_ += UnusedGuarantee(limits, in_use) - UnusedGuarantee(before, in_use);
  }
  const Limits& kept = limits_[key] = limits;
  if (const auto found = books_.find(key); found != books_.end()) found->second.limits = &kept;
}

void LevelBook::ClearLimits(const LevelKey& key) {
  SetLimits(key, {});
  if (const auto found = books_.find(key); found != books_.end()) found->second.limits = &NoLimits();
  limits_.erase(key);
  DropIfIdle(key);
}

LevelBook::Book& LevelBook::BookOf(LevelView key) {
  if (const auto found = books_.find(key); found != books_.end()) return found->second;
  Book& book = books_[LevelKey{key.level, std::string(key.id)}];
  book.limits = &LimitsOf(key);
  return book;
}

void LevelBook::Change(LevelView key, SlotKind kind, int by) {
  Book& book = BookOf(key);
  if (key.level == Level::kBusiness) {
    unused_guarantees_ += UnusedGuarantee(*book.limits, book.in_use + by) - UnusedGuarantee(*book.limits, book.in_use);
  }
  book.in_use += by;
  if (kind == SlotKind::kInbound) book.inbound += by;
  if (kind == SlotKind::kPriority) book.priority += by;
}

void LevelBook::Add(const Subject& subject, SlotKind kind) {
  subject.ForEachLevel([&](LevelView key) { Change(key, kind, 1); });
}

void LevelBook::Remove(const Subject& subject, SlotKind kind) {
  subject.ForEachLevel([&](LevelView key) {
    Change(key, kind, -1);
    DropIfIdle(key);
  });
}

void LevelBook::DropIfIdle(LevelView key) {
  const auto found = books_.find(key);
  if (found == books_.end() || found->second.in_use > 0) return;
  if (!found->second.began.empty() && found->second.limits->rates.Any()) return;
  books_.erase(found);
}

void LevelBook::NoteBegin(const Subject& subject, absl::Time at) {
  subject.ForEachLevel([&](LevelView key) { NoteBegin(key, at); });
}

void LevelBook::NoteBegin(LevelView key, absl::Time at) {
  const auto found = books_.find(key);
  const Rates& rates = (found == books_.end() ? LimitsOf(key) : *found->second.limits).rates;
  if (!rates.Any()) return;
  RateWindow& began = BookOf(key).began;
  began.Trim(rates, at);
  began.Note(at);
}

void LevelBook::Widen(const Subject& before, const Subject& all, SlotKind kind, absl::Time at) {
  all.ForEachLevel([&](LevelView key) {
    if (before.CountsAt(key.level)) return;
    Change(key, kind, 1);
    NoteBegin(key, at);
  });
}

std::optional<int> LevelBook::CeilingOf(LevelView key, const Limits& limits, bool burst) const {
  switch (key.level) {
    case Level::kGlobal:
      return limits.concurrency.value_or(defaults_.global_calls);
    case Level::kBusiness: {
      const int calls = limits.concurrency.value_or(defaults_.business_calls);
      return burst ? std::max(calls, limits.burst) : calls;
    }
    default:
      return limits.concurrency;
  }
}

std::optional<LevelBook::Risen> LevelBook::LearnedAt(LevelView key, absl::Time now) const {
  if (learned_.empty() || key.level != Level::kProviderAccount) return std::nullopt;
  const auto found = learned_.find(key.id);
  if (found == learned_.end()) return std::nullopt;
  const LearnedCeiling& learned = found->second;
  const int64_t steps = std::max<int64_t>((now - learned.since) / defaults_.recovery_interval, 0);
  const int64_t calls = learned.calls + steps;
  if (calls >= LimitsOf(key).concurrency.value_or(GlobalCeiling())) return std::nullopt;
  return Risen{.calls = static_cast<int>(calls), .since = learned.since, .steps = steps};
}

template <typename Visit>
void LevelBook::VisitGates(LevelView key, const Subject& subject, SlotKind kind, absl::Time now, bool burst,
                           const Visit& visit) const {
  static const Book unused;
  const auto found = books_.find(key);
  const Book& book = found == books_.end() ? unused : found->second;
  const Limits& limits = found == books_.end() ? LimitsOf(key) : *book.limits;
  const int in_use = book.in_use;

  if (const std::optional<int> ceiling = CeilingOf(key, limits, burst); ceiling.has_value()) {
    visit(GateState{GateRule::kConcurrency, in_use, *ceiling, in_use < *ceiling});
    int kept = std::max(0, limits.kept_for_inbound - book.inbound);
    if (kind != SlotKind::kPriority) kept += std::max(0, limits.kept_for_priority - book.priority);
    if (kept > 0) visit(GateState{GateRule::kKeptFree, in_use, *ceiling - kept, in_use < *ceiling - kept});
    if (key.level == Level::kGlobal && unused_guarantees_ > 0) {
      const BusinessShare share = ShareOf(subject.business_id);
      const int left = *ceiling - unused_guarantees_;
      if (share.in_use >= share.guaranteed) {
        visit(GateState{GateRule::kGuaranteedToOthers, in_use, left, in_use < left});
      }
    }
  }
  if (const std::optional<Risen> learned = LearnedAt(key, now); learned.has_value()) {
    const int64_t missing = in_use + 1 - learned->calls;
    visit(GateState{GateRule::kLearnedCeiling, in_use, learned->calls, in_use < learned->calls,
                    learned->since + (learned->steps + missing) * defaults_.recovery_interval});
  }
  if (!limits.rates.Any()) return;
  const auto visit_rate = [&](GateRule rule, int most, absl::Duration length) {
    if (most == 0) return;
    const absl::Time next = book.began.NextAllowed(most, length);
    visit(GateState{rule, book.began.CountSince(now - length), most, next <= now, next});
  };
  visit_rate(GateRule::kPerSecond, limits.rates.per_second, absl::Seconds(1));
  visit_rate(GateRule::kPerMinute, limits.rates.per_minute, absl::Minutes(1));
  visit_rate(GateRule::kPerHour, limits.rates.per_hour, absl::Hours(1));
  if (limits.rates.spacing > absl::ZeroDuration()) {
    const absl::Time next = book.began.NextAllowed(limits.rates.spacing);
    const absl::Duration since =
        book.began.empty() ? limits.rates.spacing : std::min(now - book.began.latest(), limits.rates.spacing);
    visit(GateState{GateRule::kSpacing, absl::ToInt64Milliseconds(since),
                    absl::ToInt64Milliseconds(limits.rates.spacing), next <= now, next});
  }
}

bool LevelBook::Passes(const Subject& subject, SlotKind kind, absl::Time now, bool burst) const {
  bool passes = true;
  const auto look = [&passes](const GateState& gate) { passes &= gate.passes; };
  subject.ForEachLevel([&](LevelView key) {
    if (passes) VisitGates(key, subject, kind, now, burst, look);
  });
  return passes;
}

std::vector<Gate> LevelBook::Gates(const Subject& subject, SlotKind kind, absl::Time now, bool burst, bool all) const {
  std::vector<Gate> gates;
  subject.ForEachLevel([&](LevelView key) {
    VisitGates(key, subject, kind, now, burst, [&](const GateState& gate) {
      if (!all && gate.passes) return;
      gates.push_back({{key.level, std::string(key.id)},
                       gate.rule,
                       gate.value,
                       gate.limit,
                       gate.passes,
                       gate.passes ? now : gate.next});
    });
  });
  return gates;
}

int LevelBook::NoteRefusal(const std::string& provider_account_id, absl::Time now) {
  const LevelView key = AccountView(provider_account_id);
  const std::optional<Risen> learned = LearnedAt(key, now);
  if (learned.has_value() && now - learned->since < defaults_.refusal_interval) return learned->calls;
  const int ceiling = learned.has_value() ? learned->calls : LimitsOf(key).concurrency.value_or(GlobalCeiling());
  const LearnedCeiling lowered{.calls = std::max(1, std::min(ceiling, InUse(key)) / 2), .since = now};
  learned_[provider_account_id] = lowered;
  return lowered.calls;
}

void LevelBook::RestoreLearned(const std::string& provider_account_id, const LearnedCeiling& learned) {
  learned_[provider_account_id] = learned;
}

std::vector<std::string> LevelBook::ForgetRisen(absl::Time now) {
  std::vector<std::string> risen;
  for (const auto& [account_id, learned] : learned_) {
    if (!LearnedAt(AccountView(account_id), now).has_value()) risen.push_back(account_id);
  }
  for (const std::string& account_id : risen) learned_.erase(account_id);
  return risen;
}

std::vector<LevelUse> LevelBook::Uses(absl::Time now, const std::string& business_id) const {
  std::map<LevelKey, LevelUse> uses;
  const auto add = [&](const LevelKey& key, const Book& book) {
    const std::optional<Risen> learned = LearnedAt(key, now);
    uses[key] = {.key = key,
                 .in_use = book.in_use,
                 .inbound = book.inbound,
                 .priority = book.priority,
                 .ceiling = CeilingOf(key, LimitsOf(key), /*burst=*/false)};
    if (learned.has_value()) uses[key].learned = learned->calls;
  };
  add({Level::kGlobal, ""}, {});
  if (!business_id.empty()) add({Level::kBusiness, business_id}, {});
  for (const auto& [key, limits] : limits_) add(key, {});
  for (const auto& [account_id, learned] : learned_) add({Level::kProviderAccount, account_id}, {});
  for (const auto& [key, book] : books_) add(key, book);
  std::vector<LevelUse> out;
  out.reserve(uses.size());
  for (auto& [key, use] : uses) out.push_back(std::move(use));
  return out;
}

}  // namespace trunkline::governor
