// Ranges of Internet addresses, such as "203.0.113.0/24", "2001:db8::/32" or the single address "198.51.100.7".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace trunkline {

// An IPv4 or IPv6 address. An IPv4 address and the same one mapped into IPv6 (::ffff:198.51.100.7) are equal.
class IpAddress {
 public:
  // Nothing when the text is no address; host names and addresses with a port or a zone are none.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool operator==(const IpAddress&) const = default;

 private:
  friend class IpRange;
  std::array<uint8_t, 16> bytes_ = {};
};

class IpRange {
 public:
  // ADDRESS or ADDRESS/BITS. Nothing when it is neither, or when bits beyond the prefix are set: "10.0.0.1/8" is more
  // likely a mistake than a wish.
  static std::optional<IpRange> Parse(std::string_view text);

  bool Contains(const IpAddress& address) const;

 private:
  IpAddress first_;
  int prefix_bits_ = 128;  // of the IPv6 form
};

// False for what does not belong to the Internet at large: loopback, private and link-local addresses, shared and
// reserved ones, multicast, and IPv4 addresses of these kinds inside IPv6 ones
// (https://www.iana.org/assignments/iana-ipv4-special-registry,
// https://www.iana.org/assignments/iana-ipv6-special-registry).
bool IsPublicAddress(const IpAddress& address);

}  // namespace trunkline
