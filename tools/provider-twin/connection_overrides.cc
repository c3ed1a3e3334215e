#include "tools/provider-twin/connection_overrides.h"

#include "libs/base/encoding.h"
#include "libs/base/text.h"

namespace trunkline::twin {
namespace {

constexpr absl::Duration kLongestConnect = absl::Seconds(10);

void ReadMilliseconds(std::string_view text, absl::Duration longest, absl::Duration& out) {
  const auto value = ParseInt(text);
  if (value && *value >= 100 && absl::Milliseconds(*value) <= longest) out = absl::Milliseconds(*value);
}

}  // namespace

std::string_view WithoutFragment(std::string_view url) { return url.substr(0, url.find('#')); }

RetryPolicy ReadOverrides(std::string_view url, const ConnectionRules& rules) {
  RetryPolicy policy = rules.usual;
  const size_t mark = url.find('#');
  if (mark == std::string_view::npos) return policy;
  for (const auto& [name, value] : ParseForm(url.substr(mark + 1))) {
    if (name == "ct") ReadMilliseconds(value, kLongestConnect, policy.connect_timeout);
    if (name == "rt") ReadMilliseconds(value, rules.longest_read, policy.read_timeout);
    if (name == "tt") ReadMilliseconds(value, rules.longest_total, policy.total_timeout);
    if (name == "rc") {
      const auto retries = ParseInt(value);
      if (retries && *retries >= 0 && *retries <= 5) policy.retries = static_cast<int>(*retries);
    }
    if (name == "rp") {
      policy.on_connect_failure = false;
      policy.on_no_answer = false;
      for (const std::string_view piece : Split(value, ',')) {
        const bool all = piece == "all";
        policy.on_4xx |= all || piece == "4xx";
        policy.on_5xx |= all || piece == "5xx";
        policy.on_connect_failure |= all || piece == "ct";
        policy.on_no_answer |= all || piece == "rt";
      }
    }
  }
  return policy;
}

}  // namespace trunkline::twin
