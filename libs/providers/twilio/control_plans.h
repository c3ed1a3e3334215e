// The plans and parameters by which legs of a live call are moved; see rooms.h.
#pragma once

#include <string>
#include <string_view>

#include "libs/base/encoding.h"
#include "libs/providers/provider.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {

// The customer waits in the hold room; when they hang up, so does whoever waits beside them.
plans::v1::CallPlan WaitOnHold(std::string_view music_url);
// The other side waits in the hold room of the call.
plans::v1::CallPlan WaitBeside(std::string_view call_id, std::string_view music_url);
plans::v1::CallPlan EnterCallRoom(std::string_view call_id);
plans::v1::CallPlan EnterConference(const ConferenceRequest& request);
plans::v1::CallPlan ConnectTo(const TransferRequest& request);
// Twilio has no end for what is looped; a thousand times is as good.
plans::v1::CallPlan PlayOnce(const PlayRequest& request);

// The target of an attended transfer, as a participant of the call room.
std::string TargetLabelOf(std::string_view call_id);
Form TargetParameters(const WebhookUrls& urls, const LiveCall& call, const TransferRequest& request);

}  // namespace trunkline::providers::twilio
