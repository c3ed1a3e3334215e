#include "services/gateway/accounts/doubt_policy.h"

#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

constexpr std::string_view kResidue = "dial_doubt_residue";
constexpr std::string_view kWait = "dial_doubt_wait";
constexpr std::string_view kKeep = "keep";
constexpr std::string_view kNotPlaced = "not_placed";
constexpr int64_t kShortestWait = 30;
constexpr int64_t kLongestWait = 86'400;

}  // namespace

DoubtPolicy DoubtPolicyOf(const providers::Account& account, const std::set<providers::v1::Feature>& features) {
  DoubtPolicy policy;
  policy.list_is_whole = features.contains(providers::v1::FEATURE_LIST_CALLS);
  policy.can_list = policy.list_is_whole || features.contains(providers::v1::FEATURE_LIST_LIVE_CALLS);
  policy.give_up = account.Setting(kResidue) == kNotPlaced;
  if (const auto seconds = ParseInt(account.Setting(kWait)); seconds.has_value()) {
    policy.wait = absl::Seconds(*seconds);
  }
  return policy;
}

std::vector<providers::AccountProblem> CheckDoubtSettings(const providers::Account& account) {
  std::vector<providers::AccountProblem> problems;
  const std::string residue = account.Setting(kResidue);
  if (!residue.empty() && residue != kKeep && residue != kNotPlaced) {
    problems.push_back({Concat("settings.", kResidue), "MALFORMED", "must be keep or not_placed"});
  }
  const std::string wait = account.Setting(kWait);
  const auto seconds = ParseInt(wait);
  if (!wait.empty() && (!seconds.has_value() || *seconds < kShortestWait || *seconds > kLongestWait)) {
    problems.push_back({Concat("settings.", kWait), "MALFORMED", "must be a number of seconds from 30 to 86400"});
  }
  return problems;
}

}  // namespace trunkline::gateway
