// What is in use at every level, and whether one more call may pass. Pure: time is handed in.
//
// A call passes when it passes every gate of every level that it counts at.
//
//   concurrency            in use + 1 <= ceiling
//   kept free              in use + 1 <= ceiling - what is kept for inbound calls and not used by them
//                                                - what is kept for priority calls and not used by them (ordinary only)
//   guaranteed to others   at the global level, for a business that has its guarantee already:
//                          in use + 1 <= ceiling - the guarantees that businesses do not use
//   learned ceiling        of a provider account: in use + 1 <= learned
//   rates                  fewer than n began in any second, minute, hour; the last began `spacing` ago
//
// A business's ceiling is its concurrency, or its burst where the caller allows that. Inbound calls are counted and
// never asked about, so that what is in use may be over a ceiling; then nothing passes until enough calls have ended.
// The same holds after a ceiling was lowered.
//
// A learned ceiling follows additive increase, multiplicative decrease: a refusal takes it to half of what was in use,
// at most once in a refusal_interval; it rises by one in every recovery_interval until the configured ceiling holds
// again, and is forgotten then.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "services/concurrency-governor/ledger/level.h"
#include "services/concurrency-governor/ledger/rate_window.h"
#include "services/concurrency-governor/ledger/slot.h"

namespace trunkline::governor {

struct LevelDefaults {
  int global_calls = 50;
  int business_calls = 10;
  absl::Duration refusal_interval = absl::Seconds(1);
  absl::Duration recovery_interval = absl::Seconds(10);
};

// As in the contract.
enum class GateRule {
  kConcurrency = 1,
  kKeptFree = 2,
  kGuaranteedToOthers = 3,
  kLearnedCeiling = 4,
  kPerSecond = 5,
  kPerMinute = 6,
  kPerHour = 7,
  kSpacing = 8,
};

struct Gate {
  LevelKey key;
  GateRule rule = GateRule::kConcurrency;
  int64_t value = 0;
  int64_t limit = 0;
  bool passes = false;
  absl::Time next = absl::InfiniteFuture();  // when it may pass; the future without end where a call must end first
};

// What refusals taught of a provider account: at that moment it took so many calls.
struct LearnedCeiling {
  int calls = 0;
  absl::Time since;

  bool operator==(const LearnedCeiling&) const = default;
};

struct LevelUse {
  LevelKey key;
  int in_use = 0;
  int inbound = 0;
  int priority = 0;
  std::optional<int> ceiling;
  std::optional<int> learned;
};

// What a business has, and what it may have beside others.
struct BusinessShare {
  int in_use = 0;
  int guaranteed = 0;
  int weight = 1;
};

class LevelBook {
 public:
  explicit LevelBook(LevelDefaults defaults) : defaults_(defaults) {}

  void SetLimits(const LevelKey& key, const Limits& limits);
  void ClearLimits(const LevelKey& key);
  const std::map<LevelKey, Limits, LevelLess>& limits() const { return limits_; }
  // The sum of all guarantees.
  int guaranteed() const { return guaranteed_; }
  int GlobalCeiling() const;

  void Add(const Subject& subject, SlotKind kind);
  void Remove(const Subject& subject, SlotKind kind);
  // What counted for `before` counts for `all` from now on: more levels, at which a call begins.
  void Widen(const Subject& before, const Subject& all, SlotKind kind, absl::Time at);
  // A call that was asked for begins: counts for the rates.
  void NoteBegin(const Subject& subject, absl::Time at);

  // True when no gate is shut for one more call.
  bool Passes(const Subject& subject, SlotKind kind, absl::Time now, bool burst) const;
  // The gates that are shut for one more call; all gates when `all`.
  std::vector<Gate> Gates(const Subject& subject, SlotKind kind, absl::Time now, bool burst, bool all = false) const;

  int InUse(LevelView key) const;
  BusinessShare ShareOf(std::string_view business_id) const;
  bool MayBurst(std::string_view business_id) const;

  // The ceiling that holds from now on.
  int NoteRefusal(const std::string& provider_account_id, absl::Time now);
  // By provider account.
  const std::map<std::string, LearnedCeiling, std::less<>>& learned() const { return learned_; }
  void RestoreLearned(const std::string& provider_account_id, const LearnedCeiling& learned);
  // Forgets the ceilings that have risen to the configured ones; the accounts.
  std::vector<std::string> ForgetRisen(absl::Time now);

  // Every level that is in use or has limits, in their order; and the business that is asked about, idle or not.
  std::vector<LevelUse> Uses(absl::Time now, const std::string& business_id = {}) const;

 private:
  struct Book {
    const Limits* limits = nullptr;  // those of limits_, or none
    int in_use = 0;
    int inbound = 0;
    int priority = 0;
    RateWindow began;
  };
  using Books = absl::node_hash_map<LevelKey, Book, LevelHash, LevelEqual>;
  // A learned ceiling, as far as it has risen.
  struct Risen {
    int calls = 0;
    absl::Time since;
    int64_t steps = 0;
  };

  static const Limits& NoLimits();
  static int UnusedGuarantee(const Limits& limits, int in_use);
  const Limits& LimitsOf(LevelView key) const;
  std::optional<int> CeilingOf(LevelView key, const Limits& limits, bool burst) const;
  // Nothing when none was learned, or the configured one holds again.
  std::optional<Risen> LearnedAt(LevelView key, absl::Time now) const;
  // How a gate of a level stands.
  struct GateState {
    GateRule rule;
    int64_t value;
    int64_t limit;
    bool passes;
    absl::Time next = absl::InfiniteFuture();
  };
  template <typename Visit>
  void VisitGates(LevelView key, const Subject& subject, SlotKind kind, absl::Time now, bool burst,
                  const Visit& visit) const;
  Book& BookOf(LevelView key);
  void Change(LevelView key, SlotKind kind, int by);
  void NoteBegin(LevelView key, absl::Time at);
  void DropIfIdle(LevelView key);

  LevelDefaults defaults_;
  std::map<LevelKey, Limits, LevelLess> limits_;
  Books books_;
  std::map<std::string, LearnedCeiling, std::less<>> learned_;
  int guaranteed_ = 0;
  int unused_guarantees_ = 0;
};

}  // namespace trunkline::governor
