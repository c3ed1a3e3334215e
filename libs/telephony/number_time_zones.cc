#include "libs/telephony/number_time_zones.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "libs/telephony/phone_number.h"

namespace trunkline::telephony {
namespace {

// Of kMembers.
struct ZoneSet {
  uint16_t first;
  uint16_t count;
};

// The digits of a number's beginning as one number: no country code begins with 0. In ascending order.
struct ZonePrefix {
  uint32_t digits;
  uint16_t set;
};

#include "libs/telephony/number_time_zones_data.inc"

constexpr size_t kLongestPrefix = 9;  // digits, which fit into ZonePrefix::digits

const ZonePrefix* Find(uint32_t digits) {
  const auto found = std::lower_bound(std::begin(kPrefixes), std::end(kPrefixes), digits,
                                      [](const ZonePrefix& prefix, uint32_t wanted) { return prefix.digits < wanted; });
  return found != std::end(kPrefixes) && found->digits == digits ? found : nullptr;
}

}  // namespace

std::vector<std::string_view> TimeZonesOfNumber(std::string_view e164) {
  std::vector<std::string_view> zones;
  if (!IsE164(e164)) return zones;
  uint32_t digits = 0;
  for (const char digit : e164.substr(1, kLongestPrefix)) digits = digits * 10 + static_cast<uint32_t>(digit - '0');
  const ZonePrefix* longest = nullptr;
  for (; digits > 0 && longest == nullptr; digits /= 10) longest = Find(digits);
  if (longest == nullptr) return zones;
  const ZoneSet& set = kSets[longest->set];
  zones.reserve(set.count);
  for (uint16_t i = 0; i < set.count; ++i) zones.push_back(kZones[kMembers[set.first + i]]);
  return zones;
}

std::span<const std::string_view> TimeZonesOfNumbers() { return kZones; }

}  // namespace trunkline::telephony
