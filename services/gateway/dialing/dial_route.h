// Which provider account a call goes over, and which number it shows.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/providers/provider.h"
#include "libs/providers/registry.h"
#include "services/gateway/accounts/account_directory.h"

namespace trunkline::gateway {

struct DialRoute {
  providers::Account account;
  const providers::Provider* provider = nullptr;
  std::string from;  // E.164
};

// `account_id` and `from` are empty where the request leaves the choice to the defaults. Errors: NOT_FOUND for an
// account that the business does not have, FAILED_PRECONDITION with a reason for everything else that makes the call
// impossible.
absl::StatusOr<DialRoute> ChooseRoute(const BusinessAccounts& accounts, const providers::Registry& registry,
                                      std::string_view account_id, std::string_view from);

}  // namespace trunkline::gateway
