// Where limits hold, and what they say. See README.md for the rules.
#pragma once

#include <compare>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/time/time.h"
#include "libs/base/text.h"

namespace trunkline::governor {

// As in the contract, from the whole deployment down.
enum class Level { kGlobal = 1, kBusiness = 2, kProviderAccount = 3, kCallerNumber = 4, kCampaign = 5 };

struct LevelKey {
  Level level = Level::kGlobal;
  std::string id;  // empty for the whole deployment

  auto operator<=>(const LevelKey&) const = default;
};

// The same without a copy of the id. Keys are looked up by it.
struct LevelView {
  Level level = Level::kGlobal;
  std::string_view id;

  constexpr LevelView(Level its_level, std::string_view its_id) : level(its_level), id(its_id) {}
  // NOLINTNEXTLINE(misc-explicit-constructor): a key is looked up like a view of it
  LevelView(const LevelKey& key) : level(key.level), id(key.id) {}
  auto operator<=>(const LevelView&) const = default;
};
struct LevelHash {
  using is_transparent = void;
  size_t operator()(LevelView view) const { return absl::HashOf(view.level, ToAbsl(view.id)); }
};
struct LevelLess {
  using is_transparent = void;
  bool operator()(LevelView a, LevelView b) const { return a < b; }
};
struct LevelEqual {
  using is_transparent = void;
  bool operator()(LevelView a, LevelView b) const { return a == b; }
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
  // The same, one after the other, for what happens with every slot.
  template <typename Function>
  void ForEachLevel(const Function& function) const {
    function(LevelView(Level::kGlobal, {}));
    function(LevelView(Level::kBusiness, business_id));
    if (!provider_account_id.empty()) function(LevelView(Level::kProviderAccount, provider_account_id));
    if (!caller_number.empty()) function(LevelView(Level::kCallerNumber, caller_number));
    if (!campaign_id.empty()) function(LevelView(Level::kCampaign, campaign_id));
  }
  bool CountsAt(Level level) const;
  // The same, counted for the provider account and the number of `chosen` where it has none.
  Subject With(const Subject& chosen) const;
  // Whether `wish` asked for it, or for less: for no account or no number, chosen since.
  bool Answers(const Subject& wish) const;
  bool operator==(const Subject&) const = default;
};

}  // namespace trunkline::governor
