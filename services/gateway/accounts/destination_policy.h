// Whether a call may go to a number: the rules of the business, and what is blocked without one.
//
//   of the business's rules whose prefix the number begins with, the longest decides; without one
//   premium-rate and shared-cost numbers   blocked   opened by a rule that is longer than the country code
//   high-risk prefixes                     blocked   opened by a rule that is at least as long
//   emergency numbers                      blocked   opened by a rule that is the whole number
//   everything else                        allowed
//
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace trunkline::gateway {

// A row of destination_rules.
struct DestinationRule {
  std::string prefix;  // '+' and digits
  bool allows = false;
  std::string note;
};

class DestinationPolicy {
 public:
  // Networks without a country (satellites, and numbers that may be anywhere), and countries that tolls are often
  // stolen through; docs/limits-and-caps.md tells what each is.
  static constexpr std::string_view kUsualHighRisk =
      "+870,+878,+881,+882,+883,+888,+979,+53,+247,+252,+674,+675,+676,+677,+678,+682,+685,+686,+688,+690,+692";

  // The prefixes of a setting: separated by commas. INVALID_ARGUMENT names the one that is none.
  static absl::StatusOr<std::vector<std::string>> ReadPrefixes(std::string_view text);

  explicit DestinationPolicy(std::vector<std::string> high_risk) : high_risk_(std::move(high_risk)) {}

  // PERMISSION_DENIED DESTINATION_BLOCKED; the metadata names the rule: `rule` is "business", "premium_rate",
  // "shared_cost", "high_risk" or "emergency", `prefix` that of the rule where it has one.
  absl::Status Check(std::string_view e164, const std::vector<DestinationRule>& rules) const;

 private:
  const std::vector<std::string> high_risk_;
};

// '+' and up to 15 digits.
bool IsDestinationPrefix(std::string_view text);

}  // namespace trunkline::gateway
