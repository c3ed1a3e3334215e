// Which provider accounts a call may go over, and which number it shows.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/providers/provider.h"
#include "libs/providers/registry.h"
#include "services/gateway/accounts/account_directory.h"

namespace trunkline::gateway {

struct DialRoute {
  providers::Account account;
  const providers::Provider* provider = nullptr;
  std::string from;              // E.164
  std::vector<RateLimit> rates;  // of the account
};

// What a request says of it.
struct RouteWish {
  std::string_view account_id;  // empty for the default
  std::string_view from;        // E.164; empty for the account's default
  bool record = false;
  bool detect_machine = false;
};

// The route that was asked for, and after it those of the account's failover order that can carry the call: enabled,
// with a number of their own to show (the one that was asked for, if one was), of a provider that can do what is
// wished. Errors are those of the first route: NOT_FOUND for an account that the business does not have,
// FAILED_PRECONDITION with a reason for everything else that makes the call impossible.
absl::StatusOr<std::vector<DialRoute>> ChooseRoutes(const BusinessAccounts& accounts,
                                                    const providers::Registry& registry, const RouteWish& wish);

}  // namespace trunkline::gateway
