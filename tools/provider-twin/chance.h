// Everything random about a twin, from one seed.
#pragma once

#include <cstdint>
#include <random>

namespace trunkline::twin {

class Chance {
 public:
  explicit Chance(uint64_t seed) : engine_(seed) {}
  void Reseed(uint64_t seed) { engine_.seed(seed); }
  // In [0, 1).
  double Fraction() { return std::uniform_real_distribution<double>(0, 1)(engine_); }
  bool Happens(double probability) { return probability > 0 && Fraction() < probability; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace trunkline::twin
