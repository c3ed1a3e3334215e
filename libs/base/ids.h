// UUIDs.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"

namespace trunkline {

// Fills a buffer with random bytes; passed in so that tests own it.
using RandomSource = std::function<void(unsigned char* bytes, size_t count)>;
// Unpredictable bytes of the operating system.
RandomSource SystemRandom();

// A new time-ordered UUID (RFC 9562, version 7), 36 characters.
std::string NewUuid(absl::Time now, const RandomSource& random = SystemRandom());

// The UUID of a name (RFC 9562, version 5) in Trunkline's namespace: the same name always gives the same id. `kind`
// keeps ids of different kinds apart.
std::string UuidOfName(std::string_view kind, std::string_view name);

// True for 36 characters of a lower-case UUID.
bool IsUuid(std::string_view text);
// The number that a UUID is, its upper and its lower half; zeros when IsUuid refuses the text.
struct UuidNumber {
  uint64_t high = 0;
  uint64_t low = 0;

  auto operator<=>(const UuidNumber&) const = default;
  template <typename H>
  friend H AbslHashValue(H state, const UuidNumber& uuid) {
    return H::combine(std::move(state), uuid.high, uuid.low);
  }
};
UuidNumber NumberOfUuid(std::string_view text);

}  // namespace trunkline
