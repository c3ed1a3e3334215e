#include "services/gateway/accounts/destination_policy.h"

#include <algorithm>
#include <map>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/number_kind.h"

namespace trunkline::gateway {
namespace {

constexpr size_t kMostDigits = 15;

absl::Status Blocked(std::string_view rule, std::string_view prefix, std::string_view why) {
  std::map<std::string, std::string> metadata = {{"rule", std::string(rule)}};
  if (!prefix.empty()) metadata["prefix"] = std::string(prefix);
  return Error(absl::StatusCode::kPermissionDenied, Reason::REASON_DESTINATION_BLOCKED,
               Concat("calls to this destination are blocked: ", why, "; see DestinationRuleService"), metadata);
}

// The longest prefix of the number; null when it begins with none.
template <typename Items, typename PrefixOf>
const typename Items::value_type* Longest(const Items& items, std::string_view number, PrefixOf prefix_of) {
  const typename Items::value_type* longest = nullptr;
  for (const auto& item : items) {
    if (!number.starts_with(prefix_of(item))) continue;
    if (longest == nullptr || prefix_of(item).size() > prefix_of(*longest).size()) longest = &item;
  }
  return longest;
}

}  // namespace

bool IsDestinationPrefix(std::string_view text) {
  return !text.empty() && text.size() <= kMostDigits + 1 && text[0] == '+' &&
         std::all_of(text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

absl::StatusOr<std::vector<std::string>> DestinationPolicy::ReadPrefixes(std::string_view text) {
  std::vector<std::string> prefixes;
  for (const std::string_view part : Split(text, ',')) {
    const std::string_view prefix = Trim(part);
    if (prefix.empty()) continue;
    if (!IsDestinationPrefix(prefix) || prefix.size() == 1) {
      return absl::InvalidArgumentError(ToAbsl(Concat("\"", prefix, "\" is no prefix: '+' and up to 15 digits")));
    }
    prefixes.emplace_back(prefix);
  }
  return prefixes;
}

absl::Status DestinationPolicy::Check(std::string_view e164, const std::vector<DestinationRule>& rules) const {
  const auto* rule = Longest(rules, e164, [](const DestinationRule& r) { return std::string_view(r.prefix); });
  if (rule != nullptr && !rule->allows) {
    return Blocked("business", rule->prefix, Concat("a rule of the business for ", rule->prefix));
  }
  // How much of the number the business has said it wants to reach.
  const size_t opened = rule == nullptr ? 0 : rule->prefix.size();
  const telephony::NumberKind kind = telephony::KindOf(e164);
  switch (kind) {
    case telephony::NumberKind::kEmergency:
      if (opened < e164.size()) return Blocked("emergency", "", "it is an emergency number");
      break;
    case telephony::NumberKind::kPremiumRate:
    case telephony::NumberKind::kSharedCost: {
      const bool premium = kind == telephony::NumberKind::kPremiumRate;
      if (opened > 1 + static_cast<size_t>(telephony::CountryCodeDigits(e164))) break;
      return premium ? Blocked("premium_rate", "", "it is a premium-rate number")
                     : Blocked("shared_cost", "", "it is a shared-cost number");
    }
    case telephony::NumberKind::kOrdinary:
      break;
  }
  const auto* risk = Longest(high_risk_, e164, [](const std::string& prefix) { return std::string_view(prefix); });
  if (risk != nullptr && opened < risk->size()) {
    return Blocked("high_risk", *risk, Concat("numbers that begin with ", *risk, " are a high risk"));
  }
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
