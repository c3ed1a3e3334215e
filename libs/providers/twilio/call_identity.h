// Which call a webhook is about. The receiver and the mapper both ask here, so that they cannot disagree.
//
// - A conference's webhook: the participant's label, which our plans set to the call's id; else the participant's
//   call; about nobody in particular, the call that our URL or the room's name names.
// - A leg that a plan dialled: a call of its own, whose id follows from Twilio's.
// - Any other: the call that our URL names; else the id that follows from Twilio's.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/providers/twilio/webhook.h"

namespace trunkline::providers::twilio {

struct CallIdentity {
  std::string call_id;
  std::string external_call_id;  // empty when only our URL or a label names the call
  std::string parent_call_id;    // of a leg that another call's plan dialled
};

// INVALID_ARGUMENT when the webhook names no call.
absl::StatusOr<CallIdentity> IdentifyCall(const Webhook& webhook);

}  // namespace trunkline::providers::twilio
