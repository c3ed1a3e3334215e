// Where limits hold, and what they say. See README.md for the rules.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace trunkline::governor {

// As in the contract, from the whole deployment down.
enum class Level { kGlobal = 1, kBusiness = 2, kProviderAccount = 3, kCallerNumber = 4, kCampaign = 5 };

struct LevelKey {
  Level level = Level::kGlobal;
  std::string id;  // empty for the whole deployment

  auto operator<=>(const LevelKey&) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const LevelKey& key) {
    return H::combine(std::move(state), key.level, key.id);
  }
};

// How often calls may begin. What is zero is not limited.
struct Rates {
  int per_second = 0;
  int per_minute = 0;
  int per_hour = 0;
  absl::Duration spacing;

  bool Any() const { return per_second > 0 || per_minute > 0 || per_hour > 0 || spacing > absl::ZeroDuration(); }
  bool operator==(const Rates&) const = default;
};

struct Limits {
  std::optional<int> concurrency;  // nothing: the default of the level
  Rates rates;
  int kept_for_inbound = 0;
  int kept_for_priority = 0;
  // Of a business.
  int guaranteed = 0;
  int burst = 0;
  int weight = 1;

  bool operator==(const Limits&) const = default;
};

// What a slot counts for. An empty id is not counted.
struct Subject {
  std::string business_id;
  std::string provider_account_id;
  std::string caller_number;
  std::string campaign_id;

  // The levels at which it counts, from the whole deployment down.
  std::vector<LevelKey> Levels() const;
  bool operator==(const Subject&) const = default;
};

}  // namespace trunkline::governor
