// Chance, from a seed: the same seed gives the same simulation.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace trunkline::scheduler {

class Chance {
 public:
  explicit Chance(uint64_t seed) : bits_(seed) {}

  // From 0 to 1, without 1.
  double Part() { return static_cast<double>(bits_() >> 11) * 0x1.0p-53; }
  bool Happens(double probability) { return Part() < probability; }
  // From 0 to n - 1.
  int Below(int n) { return static_cast<int>(bits_() % static_cast<uint64_t>(n)); }
  absl::Duration Between(absl::Duration least, absl::Duration most) { return least + (most - least) * Part(); }
  // Around that mean, often shorter and sometimes much longer.
  absl::Duration Around(absl::Duration mean) { return mean * -std::log(1 - Part()); }

 private:
  std::mt19937_64 bits_;
};

}  // namespace trunkline::scheduler
