// Which call a webhook is about. The receiver and the mapper both ask here, so that they cannot disagree.
//
// - A leg that a plan dialled (the callbackUrl of <Dial>): a call of its own, whose id follows from Plivo's; the URL
//   names its parent.
// - A call of a bulk: by the bulk and the number that was dialled.
// - Any other: the call that our URL names; else the id that follows from Plivo's.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/providers/plivo/webhook.h"

namespace trunkline::providers::plivo {

struct CallIdentity {
  std::string call_id;
  std::string external_call_id;  // empty when only our URL names the call
  std::string parent_call_id;    // of a leg that another call's plan dialled
  bool is_dialed_leg = false;
};

// INVALID_ARGUMENT when the webhook names no call.
absl::StatusOr<CallIdentity> IdentifyCall(const Webhook& webhook);

}  // namespace trunkline::providers::plivo
