// An exchange's HTTP webhook (pbx_webhook.h) as call events.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/providers/sip/pbx_webhook.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::providers::sip {

// None for an event that is not known.
std::vector<events::v1::CallEvent> EventsOfWebhook(const PbxWebhook& webhook, std::string_view account_id,
                                                   absl::Time received_at, std::string_view body);

}  // namespace trunkline::providers::sip
