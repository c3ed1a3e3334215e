// How long Twilio lets a called side ring, in seconds: from kShortestRing in <Dial>, and to kLongestRing everywhere.
#pragma once

#include <cstdint>

namespace trunkline::providers::twilio {

inline constexpr int64_t kShortestRing = 5;
inline constexpr int64_t kLongestRing = 600;

}  // namespace trunkline::providers::twilio
