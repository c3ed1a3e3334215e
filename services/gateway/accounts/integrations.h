// Whom a provider account can be at: the telephony providers and the call-tracking platforms that this server was built
// with. What differs between the two for an account stands here.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/providers/registry.h"
#include "libs/tracking/registry.h"

namespace trunkline::gateway {

class Integrations {
 public:
  // Both outlive the object. `public_url`: base of the URLs of webhooks.
  Integrations(const providers::Registry& providers, const tracking::Registry& platforms, std::string public_url)
      : providers_(providers), platforms_(platforms), public_url_(std::move(public_url)) {}

  bool Has(std::string_view name) const;
  // Whether it is a call-tracking platform: it tells of calls, none is placed over it, and it has its numbers itself.
  bool IsTrackingPlatform(std::string_view name) const;
  // In alphabetical order.
  std::vector<std::string> Names() const;
  // Null unless it is a telephony provider.
  const providers::Provider* FindProvider(std::string_view name) const { return providers_.Find(name); }

  // What is wrong with settings and credentials by their form. The account is at one that there is.
  std::vector<providers::AccountProblem> CheckForm(const providers::Account& account) const;
  // The same, asked there. Fails as the adapter's CheckAccount() does.
  absl::StatusOr<std::vector<providers::AccountProblem>> CheckLive(const providers::Account& account) const;
  // The URLs to enter there, by kind of webhook; none when nobody of this name is built in. Without secrets: where the
  // path holds the account's token, WEBHOOK_TOKEN stands for it.
  std::map<std::string, std::string> UrlsToEnter(const providers::Account& account) const;

 private:
  const providers::Registry& providers_;
  const tracking::Registry& platforms_;
  const std::string public_url_;
};

}  // namespace trunkline::gateway
