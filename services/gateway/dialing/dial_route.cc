#include "services/gateway/dialing/dial_route.h"

#include <algorithm>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

absl::Status Impossible(Reason reason, std::string_view message) {
  return Error(absl::StatusCode::kFailedPrecondition, reason, message);
}

absl::StatusOr<const DirectoryAccount*> ChooseAccount(const BusinessAccounts& accounts, std::string_view account_id) {
  if (!account_id.empty()) {
    const auto found = accounts.find(account_id);
    if (found == accounts.end()) return NoSuchAccount(account_id);
    return &found->second;
  }
  const auto found =
      std::find_if(accounts.begin(), accounts.end(), [](const auto& entry) { return entry.second.is_default; });
  if (found == accounts.end()) {
    return Impossible(Reason::REASON_NO_DEFAULT_PROVIDER_ACCOUNT,
                      "the business has no default provider account; name one, or make one the default");
  }
  return &found->second;
}

absl::StatusOr<DialRoute> RouteOver(const DirectoryAccount* chosen, const providers::Registry& registry,
                                    std::string_view from) {
  const std::string& id = chosen->account.id;
  if (!chosen->enabled) {
    return Impossible(Reason::REASON_PROVIDER_ACCOUNT_DISABLED, Concat("provider account ", id, " is disabled"));
  }
  TL_RETURN_IF_ERROR(chosen->usable);
  const providers::Provider* provider = registry.Find(chosen->account.provider);
  if (provider == nullptr) {
    return Impossible(Reason::REASON_UNKNOWN_PROVIDER,
                      Concat("provider account ", id, " is of no telephony provider that this server was built with"));
  }
  const std::string_view number = from.empty() ? std::string_view(chosen->default_number) : from;
  if (number.empty()) {
    return Impossible(Reason::REASON_NO_DEFAULT_NUMBER,
                      Concat("provider account ", id, " has no default number; name one, or make one the default"));
  }
  if (!chosen->numbers.contains(number)) {
    return Impossible(Reason::REASON_NUMBER_NOT_OWNED,
                      Concat("number ", MaskNumber(number), " is none of provider account ", id));
  }
  return DialRoute{
      .account = chosen->account, .provider = provider, .from = std::string(number), .rates = chosen->rates};
}

// What another account must be able to do in the first one's place.
bool CanCarry(const DialRoute& route, const RouteWish& wish) {
  const std::set<providers::v1::Feature> features = route.provider->Features();
  return features.contains(providers::v1::FEATURE_PLACE_CALL) &&
         (!wish.record || features.contains(providers::v1::FEATURE_RECORD)) &&
         (!wish.detect_machine || features.contains(providers::v1::FEATURE_MACHINE_DETECTION));
}

}  // namespace

absl::StatusOr<std::vector<DialRoute>> ChooseRoutes(const BusinessAccounts& accounts,
                                                    const providers::Registry& registry, const RouteWish& wish) {
  TL_ASSIGN_OR_RETURN(const DirectoryAccount* first, ChooseAccount(accounts, wish.account_id));
  std::vector<DialRoute> routes;
  TL_ASSIGN_OR_RETURN(routes.emplace_back(), RouteOver(first, registry, wish.from));
  for (const std::string& id : first->failover_account_ids) {
    const auto found = accounts.find(id);
    if (found == accounts.end()) continue;
    absl::StatusOr<DialRoute> route = RouteOver(&found->second, registry, wish.from);
    if (route.ok() && CanCarry(*route, wish)) routes.push_back(*std::move(route));
  }
  return routes;
}

}  // namespace trunkline::gateway
