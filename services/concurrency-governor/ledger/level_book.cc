#include "services/concurrency-governor/ledger/level_book.h"

#include <algorithm>

namespace trunkline::governor {
namespace {

const LevelKey& GlobalKey() {
  static const LevelKey key{Level::kGlobal, ""};
  return key;
}

LevelKey BusinessKey(const std::string& business_id) { return {Level::kBusiness, business_id}; }

}  // namespace

const Limits& LevelBook::LimitsOf(const LevelKey& key) const {
  static const Limits none;
  const auto found = limits_.find(key);
  return found == limits_.end() ? none : found->second;
}

int LevelBook::GlobalCeiling() const { return LimitsOf(GlobalKey()).concurrency.value_or(defaults_.global_calls); }

int LevelBook::InUse(const LevelKey& key) const {
  const auto found = books_.find(key);
  return found == books_.end() ? 0 : found->second.in_use;
}

int LevelBook::GuaranteeOf(const std::string& business_id) const {
  return LimitsOf(BusinessKey(business_id)).guaranteed;
}

int LevelBook::WeightOf(const std::string& business_id) const {
  return std::max(1, LimitsOf(BusinessKey(business_id)).weight);
}

bool LevelBook::MayBurst(const std::string& business_id) const {
  const Limits& limits = LimitsOf(BusinessKey(business_id));
  return limits.burst > limits.concurrency.value_or(defaults_.business_calls);
}

int LevelBook::UnusedGuarantee(const std::string& business_id) const {
  const int guarantee = GuaranteeOf(business_id);
  return guarantee == 0 ? 0 : std::max(0, guarantee - InUse(BusinessKey(business_id)));
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

void LevelBook::Change(const LevelKey& key, SlotKind kind, int by) {
  if (key.level == Level::kBusiness) unused_guarantees_ -= UnusedGuarantee(key.id);
  Book& book = books_[key];
  book.in_use += by;
  if (kind == SlotKind::kInbound) book.inbound += by;
  if (kind == SlotKind::kPriority) book.priority += by;
  if (key.level == Level::kBusiness) unused_guarantees_ += UnusedGuarantee(key.id);
}

void LevelBook::Add(const Subject& subject, SlotKind kind) {
  for (const LevelKey& key : subject.Levels()) Change(key, kind, 1);
}

void LevelBook::Remove(const Subject& subject, SlotKind kind) {
  for (const LevelKey& key : subject.Levels()) {
    Change(key, kind, -1);
    DropIfIdle(key);
  }
}

void LevelBook::DropIfIdle(const LevelKey& key) {
  const auto found = books_.find(key);
  if (found == books_.end() || found->second.in_use > 0 || found->second.learned.has_value()) return;
  if (!found->second.began.empty() && LimitsOf(key).rates.Any()) return;
  books_.erase(found);
}

void LevelBook::NoteBegin(const Subject& subject, absl::Time at) {
  for (const LevelKey& key : subject.Levels()) {
    const Rates& rates = LimitsOf(key).rates;
    if (!rates.Any()) continue;
    RateWindow& began = books_[key].began;
    began.Trim(rates, at);
    began.Note(at);
  }
}

std::optional<int> LevelBook::CeilingOf(const LevelKey& key, const Limits& limits, bool burst) const {
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

std::optional<int> LevelBook::LearnedCeiling(const LevelKey& key, const Book& book, absl::Time now) const {
  if (!book.learned.has_value()) return std::nullopt;
  const int64_t steps = (now - book.learned->since) / defaults_.recovery_interval;
  const int64_t ceiling = book.learned->ceiling + std::max<int64_t>(steps, 0);
  if (ceiling >= LimitsOf(key).concurrency.value_or(GlobalCeiling())) return std::nullopt;
  return static_cast<int>(ceiling);
}

void LevelBook::AddGates(const LevelKey& key, const Subject& subject, SlotKind kind, absl::Time now, bool burst,
                         bool all, std::vector<Gate>* gates) const {
  static const Book unused;
  const auto found = books_.find(key);
  const Book& book = found == books_.end() ? unused : found->second;
  const Limits& limits = LimitsOf(key);
  const auto add = [&](GateRule rule, int64_t value, int64_t limit, bool passes,
                       absl::Time next = absl::InfiniteFuture()) {
    if (all || !passes) gates->push_back({key, rule, value, limit, passes, passes ? now : next});
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
  if (const std::optional<int> learned = LearnedCeiling(key, book, now); learned.has_value()) {
    const int64_t steps = (now - book.learned->since) / defaults_.recovery_interval;
    const int64_t missing = in_use + 1 - *learned;
    add(GateRule::kLearnedCeiling, in_use, *learned, in_use < *learned,
        book.learned->since + (steps + missing) * defaults_.recovery_interval);
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
  for (const LevelKey& key : subject.Levels()) AddGates(key, subject, kind, now, burst, all, &gates);
  return gates;
}

int LevelBook::NoteRefusal(const std::string& provider_account_id, absl::Time now) {
  const LevelKey key{Level::kProviderAccount, provider_account_id};
  Book& book = books_[key];
  const std::optional<int> learned = LearnedCeiling(key, book, now);
  if (learned.has_value() && now - book.learned->since < defaults_.refusal_interval) return *learned;
  const int before = std::min(learned.value_or(LimitsOf(key).concurrency.value_or(GlobalCeiling())), book.in_use);
  book.learned = Learned{.ceiling = std::max(1, before / 2), .since = now};
  return book.learned->ceiling;
}

std::vector<LevelUse> LevelBook::Uses(absl::Time now) const {
  std::map<LevelKey, LevelUse> uses;
  const auto add = [&](const LevelKey& key, const Book& book) {
    uses[key] = {.key = key,
                 .in_use = book.in_use,
                 .inbound = book.inbound,
                 .priority = book.priority,
                 .ceiling = CeilingOf(key, LimitsOf(key), /*burst=*/false),
                 .learned = LearnedCeiling(key, book, now)};
  };
  add(GlobalKey(), {});
  for (const auto& [key, limits] : limits_) add(key, {});
  for (const auto& [key, book] : books_) add(key, book);
  std::vector<LevelUse> out;
  out.reserve(uses.size());
  for (auto& [key, use] : uses) out.push_back(std::move(use));
  return out;
}

}  // namespace trunkline::governor
