// What becomes of an account's calls while it is cut over from another system. Each step is a setting, and can be taken
// back.
//
//   apply_mode   "shadow": calls are received, mapped and merged beside the calls, and change and publish nothing
//                "new_calls": so are those that began before apply_from; all others are calls like any
//                "all", unless set: calls like any
//   apply_from   RFC 3339, with new_calls
#pragma once

#include <string_view>

#include "libs/providers/account_form.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::tracking {

inline constexpr std::string_view kApplyMode = "apply_mode";
inline constexpr std::string_view kApplyFrom = "apply_from";

void CheckApplyMode(const providers::Account& account, providers::AccountForm* form);

// Sets `shadow` and `apply_calls_from` of a message of the account. Whoever makes such a message calls it.
void ApplyTo(const providers::Account& account, webhooks::v1::RawWebhook* raw);

}  // namespace trunkline::tracking
