#include "libs/providers/source_addresses.h"

#include <algorithm>
#include <optional>

#include "libs/base/text.h"

namespace trunkline::providers {

absl::StatusOr<SourceAddresses> SourceAddresses::Parse(std::string_view setting) {
  SourceAddresses addresses;
  addresses.from_anywhere_ = Trim(setting).empty();
  if (addresses.from_anywhere_) return addresses;
  for (const std::string_view piece : Split(setting, ',')) {
    const std::string_view entry = Trim(piece);
    const std::optional<IpRange> range = IpRange::Parse(entry);
    if (!range.has_value()) {
      return absl::InvalidArgumentError(
          ToAbsl(Concat("\"", ToStorableText(entry),
                        "\" is neither an IP address nor a range such as 203.0.113.0/24 or 2001:db8::/32, with no bits "
                        "set beyond its prefix")));
    }
    addresses.ranges_.push_back(*range);
  }
  return addresses;
}

SourceAddresses SourceAddresses::Nowhere() { return {}; }

bool SourceAddresses::Allow(std::string_view address) const {
  if (from_anywhere_) return true;
  const std::optional<IpAddress> parsed = IpAddress::Parse(address);
  return parsed.has_value() &&
         std::any_of(ranges_.begin(), ranges_.end(), [&](const IpRange& range) { return range.Contains(*parsed); });
}

}  // namespace trunkline::providers
