// The parameters of Twilio's webhooks.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "tools/provider-twin/twilio/call.h"
#include "tools/provider-twin/twilio/recording.h"

namespace trunkline::twin::twilio {

// What every webhook about a call carries. `status` is the CallStatus to tell.
Form CommonParameters(const Call& call, std::string_view status);
// Of the status callback of `status`, without what only final statuses add. Does not count the sequence number up.
Form StatusParameters(const Call& call, std::string_view status, absl::Time now);
// What the callback of the end adds. `recording` may be null.
void AddFinalParameters(const Call& call, const Recording* recording, std::string_view base, Form& form);
Form RecordingParameters(const Recording& recording, std::string_view status, std::string_view base);
Form AsyncAmdParameters(const Call& call, absl::Duration took);

}  // namespace trunkline::twin::twilio
