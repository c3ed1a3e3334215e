#include "services/concurrency-governor/ledger/level_book.h"

#include <algorithm>

namespace trunkline::governor {
namespace {

constexpr LevelView kGlobalLevel(Level::kGlobal, {});

LevelView BusinessView(std::string_view business_id) { return {Level::kBusiness, business_id}; }
LevelView AccountView(std::string_view account_id) { return {Level::kProviderAccount, account_id}; }

}  // namespace

const Limits& LevelBook::LimitsOf(LevelView key) const {
  static const Limits none;
  const auto found = limits_.find(key);
  return found == limits_.end() ? none : found->second;
}

int LevelBook::GlobalCeiling() const { return LimitsOf(kGlobalLevel).concurrency.value_or(defaults_.global_calls); }

int LevelBook::InUse(LevelView key) const {
  const auto found = books_.find(key);
  return found == books_.end() ? 0 : found->second.in_use;
}

int LevelBook::GuaranteeOf(std::string_view business_id) const {
  return LimitsOf(BusinessView(business_id)).guaranteed;
}

int LevelBook::WeightOf(std::string_view business_id) const {
  return std::max(1, LimitsOf(BusinessView(business_id)).weight);
}

bool LevelBook::MayBurst(std::string_view business_id) const {
  const Limits& limits = LimitsOf(BusinessView(business_id));
  return limits.burst > limits.concurrency.value_or(defaults_.business_calls);
}

int LevelBook::UnusedGuarantee(std::string_view business_id) const {
  const int guarantee = GuaranteeOf(business_id);
  return guarantee == 0 ? 0 : std::max(0, guarantee - InUse(BusinessView(business_id)));
}

void LevelBook::SetLimits(const LevelKey& key, const Limits& limits) {
  if (key.level != Level::kBusiness) {
    limits_[key] = limits;
    return;
  }
  unused_guarantees_ -= UnusedGuarantee(key.id);
  guaranteed_ += limits.guaranteed - GuaranteeOf(key.id);
  limits_[key] = limits;
  unused_guarantees_ += UnusedGuarantee(key.id);
}

void LevelBook::ClearLimits(const LevelKey& key) {
  SetLimits(key, {});
  limits_.erase(key);
  DropIfIdle(key);
}

LevelBook::Book& LevelBook::BookOf(LevelView key) {
  const auto found = books_.find(key);
  return found != books_.end() ? found->second : books_[LevelKey{key.level, std::string(key.id)}];
}

void LevelBook::Change(LevelView key, SlotKind kind, int by) {
  if (key.level == Level::kBusiness) unused_guarantees_ -= UnusedGuarantee(key.id);
  Book& book = BookOf(key);
  book.in_use += by;
  if (kind == SlotKind::kInbound) book.inbound += by;
  if (kind == SlotKind::kPriority) book.priority += by;
  if (key.level == Level::kBusiness) unused_guarantees_ += UnusedGuarantee(key.id);
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
  if (!found->second.began.empty() && LimitsOf(key).rates.Any()) return;
  books_.erase(found);
}

void LevelBook::NoteBegin(const Subject& subject, absl::Time at) {
  subject.ForEachLevel([&](LevelView key) {
    const Rates& rates = LimitsOf(key).rates;
    if (!rates.Any()) return;
    RateWindow& began = BookOf(key).began;
    began.Trim(rates, at);
    began.Note(at);
  });
}

std::optional<int> LevelBook::CeilingOf(LevelView key, const Limits& limits, bool burst) const {
  switch (key.level) {
    case Level::kGlobal:
      return GlobalCeiling();
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

void LevelBook::AddGates(LevelView key, const Subject& subject, SlotKind kind, absl::Time now, bool burst, bool all,
                         std::vector<Gate>* gates) const {
  static const Book unused;
  const auto found = books_.find(key);
  const Book& book = found == books_.end() ? unused : found->second;
  const Limits& limits = LimitsOf(key);
  const auto add = [&](GateRule rule, int64_t value, int64_t limit, bool passes,
                       absl::Time next = absl::InfiniteFuture()) {
    if (!all && passes) return;
    gates->push_back({{key.level, std::string(key.id)}, rule, value, limit, passes, passes ? now : next});
  };
  const int in_use = book.in_use;

  if (const std::optional<int> ceiling = CeilingOf(key, limits, burst); ceiling.has_value()) {
    add(GateRule::kConcurrency, in_use, *ceiling, in_use < *ceiling);
    int kept = std::max(0, limits.kept_for_inbound - book.inbound);
    if (kind != SlotKind::kPriority) kept += std::max(0, limits.kept_for_priority - book.priority);
    if (kept > 0) add(GateRule::kKeptFree, in_use, *ceiling - kept, in_use < *ceiling - kept);
    if (key.level == Level::kGlobal && unused_guarantees_ > 0 && UnusedGuarantee(subject.business_id) == 0) {
      const int left = *ceiling - unused_guarantees_;
      add(GateRule::kGuaranteedToOthers, in_use, left, in_use < left);
    }
  }
  if (const std::optional<Risen> learned = LearnedAt(key, now); learned.has_value()) {
    const int64_t missing = in_use + 1 - learned->calls;
    add(GateRule::kLearnedCeiling, in_use, learned->calls, in_use < learned->calls,
        learned->since + (learned->steps + missing) * defaults_.recovery_interval);
  }
  const auto add_rate = [&](GateRule rule, int most, absl::Duration length) {
    if (most == 0) return;
    const absl::Time next = book.began.NextAllowed(most, length);
    add(rule, book.began.CountSince(now - length), most, next <= now, next);
  };
  add_rate(GateRule::kPerSecond, limits.rates.per_second, absl::Seconds(1));
  add_rate(GateRule::kPerMinute, limits.rates.per_minute, absl::Minutes(1));
  add_rate(GateRule::kPerHour, limits.rates.per_hour, absl::Hours(1));
  if (limits.rates.spacing > absl::ZeroDuration()) {
    const absl::Time next = book.began.NextAllowed(limits.rates.spacing);
    const absl::Duration since =
        book.began.empty() ? limits.rates.spacing : std::min(now - book.began.latest(), limits.rates.spacing);
    add(GateRule::kSpacing, absl::ToInt64Milliseconds(since), absl::ToInt64Milliseconds(limits.rates.spacing),
        next <= now, next);
  }
}

std::vector<Gate> LevelBook::Gates(const Subject& subject, SlotKind kind, absl::Time now, bool burst, bool all) const {
  std::vector<Gate> gates;
  subject.ForEachLevel([&](LevelView key) { AddGates(key, subject, kind, now, burst, all, &gates); });
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
