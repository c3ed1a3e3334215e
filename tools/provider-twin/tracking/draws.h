// Randomness that costs nothing to start: each call has its own, from its seed, so that what follows from a seed can be
// derived again instead of being kept.
#pragma once

#include <cstdint>
#include <string_view>

namespace trunkline::twin::tracking {

class Draws {
 public:
  explicit Draws(uint64_t seed) : state_(seed) {}

  // SplitMix64.
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
  }
  // Both ends included.
  int64_t Between(int64_t least, int64_t most) {
    return least + static_cast<int64_t>(Next() % static_cast<uint64_t>(most - least + 1));
  }
  bool Happens(double probability) { return static_cast<double>(Next() >> 11) * 0x1.0p-53 < probability; }

 private:
  uint64_t state_;
};

// A seed of its own for each of many things that share a seed.
inline uint64_t SeedOf(uint64_t seed, uint64_t thing) { return Draws(seed ^ (thing * 0xD1342543DE82EF95ULL)).Next(); }
inline uint64_t SeedOf(uint64_t seed, std::string_view thing) {
  uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : thing) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return SeedOf(seed, hash);
}

}  // namespace trunkline::twin::tracking
