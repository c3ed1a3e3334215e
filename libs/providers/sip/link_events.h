// A link's message as call events: an event of the manager interface, and behind it what the link knew of its call
// (call_context.h).
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "trunkline/events/v1/call_event.pb.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::providers::sip {

// INVALID_ARGUMENT when it is no such message.
absl::StatusOr<std::vector<events::v1::CallEvent>> EventsOfLinkMessage(const webhooks::v1::RawWebhook& raw);

}  // namespace trunkline::providers::sip
