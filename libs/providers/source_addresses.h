// Where an account's webhooks may come from: a setting of every account, whoever its provider is.
//
//   settings.webhook_source_addresses   addresses and ranges, separated by commas; empty: from anywhere
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/ip_range.h"

namespace trunkline::providers {

inline constexpr std::string_view kWebhookSourceAddresses = "webhook_source_addresses";

class SourceAddresses {
 public:
  // INVALID_ARGUMENT names the entry that is neither an address nor a range.
  static absl::StatusOr<SourceAddresses> Parse(std::string_view setting);
  // Allows nothing.
  static SourceAddresses Nowhere();

  // False for a text that is no address, unless everything is allowed.
  bool Allow(std::string_view address) const;

 private:
  bool from_anywhere_ = false;
  std::vector<IpRange> ranges_;
};

}  // namespace trunkline::providers
