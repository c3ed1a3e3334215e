// The fragment of a webhook URL by which customers tell a provider how to connect: "#rc=3&rp=5xx,ct&ct=2000".
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "tools/provider-twin/webhook.h"

namespace trunkline::twin {

// What a provider does where the fragment says nothing, and the longest times that it lets be asked for.
struct ConnectionRules {
  RetryPolicy usual;
  absl::Duration longest_read;
  absl::Duration longest_total;
};

std::string_view WithoutFragment(std::string_view url);
// What the fragment asks for, in these limits; the usual for what is missing or malformed.
RetryPolicy ReadOverrides(std::string_view url, const ConnectionRules& rules);

}  // namespace trunkline::twin
