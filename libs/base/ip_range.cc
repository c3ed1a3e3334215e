#include "libs/base/ip_range.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "libs/base/text.h"

namespace trunkline {
namespace {

constexpr int kAddressBits = 128;
constexpr int kBitsBeforeIpv4 = 96;

uint8_t MaskOfByte(int byte, int prefix_bits) {
  const int bits = std::clamp(prefix_bits - 8 * byte, 0, 8);
  return static_cast<uint8_t>(0xFF00 >> bits);
}

}  // namespace

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  address.bytes_ = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data() + kBitsBeforeIpv4 / 8) == 1) return address;
  return std::nullopt;
}

std::optional<IpRange> IpRange::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<IpAddress> first = IpAddress::Parse(text.substr(0, slash));
  if (!first.has_value()) return std::nullopt;
  IpRange range;
  range.first_ = *first;
  if (slash == std::string_view::npos) return range;

  const bool is_ipv4 = text.find(':') == std::string_view::npos;
  const std::string_view digits = text.substr(slash + 1);
  const bool all_digits = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  const std::optional<int64_t> bits = all_digits ? ParseInt(digits) : std::nullopt;
  if (!bits.has_value() || *bits > (is_ipv4 ? kAddressBits - kBitsBeforeIpv4 : kAddressBits)) return std::nullopt;
  range.prefix_bits_ = static_cast<int>(*bits) + (is_ipv4 ? kBitsBeforeIpv4 : 0);
  for (size_t i = 0; i < range.first_.bytes_.size(); ++i) {
    if ((range.first_.bytes_[i] & ~MaskOfByte(static_cast<int>(i), range.prefix_bits_)) != 0) return std::nullopt;
  }
  return range;
}

bool IpRange::Contains(const IpAddress& address) const {
  for (size_t i = 0; i < address.bytes_.size(); ++i) {
    if ((address.bytes_[i] & MaskOfByte(static_cast<int>(i), prefix_bits_)) != first_.bytes_[i]) return false;
  }
  return true;
}

bool IsPublicAddress(const IpAddress& address) {
  static const std::vector<IpRange> not_public = [] {
    std::vector<IpRange> ranges;
    for (const std::string_view text :
         {"0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
          "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
          "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
          "::/96",         "fc00::/7",        "fe80::/10",      "ff00::/8",       "2001:db8::/32",
          "64:ff9b::/96",  "64:ff9b:1::/48",  "2002::/16",      "2001::/23",      "100::/64"}) {
      ranges.push_back(*IpRange::Parse(text));
    }
    return ranges;
  }();
  return std::none_of(not_public.begin(), not_public.end(),
                      [&](const IpRange& range) { return range.Contains(address); });
}

}  // namespace trunkline
