#include "services/gateway/accounts/integrations.h"

#include <algorithm>
#include <utility>

#include "libs/base/status.h"
#include "libs/tracking/shown_webhooks.h"
#include "services/gateway/accounts/doubt_policy.h"

namespace trunkline::gateway {

using providers::Account;
using providers::AccountProblem;
using tracking::TrackingPlatform;

namespace {

std::map<std::string, std::string> TrackingUrls(const TrackingPlatform& platform, const Account& account) {
  std::map<std::string, std::string> urls;
  for (tracking::WebhookEntry& entry : tracking::WebhooksToShow(platform, account)) {
    urls[std::move(entry.event)] = std::move(entry.url);
  }
  return urls;
}

}  // namespace

bool Integrations::Has(std::string_view name) const {
  return providers_.Find(name) != nullptr || platforms_.Find(name) != nullptr;
}

bool Integrations::IsTrackingPlatform(std::string_view name) const { return platforms_.Find(name) != nullptr; }

std::vector<std::string> Integrations::Names() const {
  std::vector<std::string> names = providers_.Names();
  for (std::string& name : platforms_.Names()) names.push_back(std::move(name));
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<AccountProblem> Integrations::CheckForm(const Account& account) const {
  if (const TrackingPlatform* platform = platforms_.Find(account.provider); platform != nullptr) {
    return platform->CheckForm(account);
  }
  std::vector<AccountProblem> problems = providers_.Find(account.provider)->CheckForm(account);
  for (AccountProblem& problem : CheckDoubtSettings(account)) problems.push_back(std::move(problem));
  return problems;
}

absl::StatusOr<std::vector<AccountProblem>> Integrations::CheckLive(const Account& account) const {
  if (const TrackingPlatform* platform = platforms_.Find(account.provider); platform != nullptr) {
    TL_ASSIGN_OR_RETURN(auto answer, platform->Client().CheckAccount(account));
    return std::move(answer.value);
  }
  return providers_.Find(account.provider)->Client().CheckAccount(account);
}

std::map<std::string, std::string> Integrations::UrlsToEnter(const Account& account) const {
  if (const TrackingPlatform* platform = platforms_.Find(account.provider); platform != nullptr) {
    return TrackingUrls(*platform, account);
  }
  const providers::Provider* provider = providers_.Find(account.provider);
  return provider == nullptr ? std::map<std::string, std::string>() : provider->UrlsToEnter(public_url_, account.id);
}

}  // namespace trunkline::gateway
