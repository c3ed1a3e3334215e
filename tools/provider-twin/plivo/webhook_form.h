// The parameters of the webhooks.
#pragma once

#include <string_view>

#include "libs/base/encoding.h"
#include "tools/provider-twin/plivo/call.h"
#include "tools/provider-twin/plivo/recording.h"

namespace trunkline::twin::plivo {

// What nearly every webhook of a call has.
Form CommonParameters(const Call& call, std::string_view event);
Form HangupParameters(const Call& call);
Form RecordingParameters(const Call& call, const Recording& recording, std::string_view base);
// Of the callbackUrl of <Dial>: `action` is "answer", "connected" or "hangup".
Form DialEventParameters(const Call& parent, const Call& leg, std::string_view action);
Form ConferenceParameters(const Call& call, std::string_view room, std::string_view room_uuid,
                          std::string_view member_id, std::string_view action);

}  // namespace trunkline::twin::plivo
