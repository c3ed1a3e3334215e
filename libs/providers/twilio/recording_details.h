// A call's recording, of the parameters that several kinds of webhook share.
#pragma once

#include "libs/providers/twilio/event_builder.h"

namespace trunkline::providers::twilio {

// Id, URL, length and channels, as far as they are told. The id is the last part of the URL where it is told nowhere
// else.
calls::v1::Recording RecordingOf(const EventBuilder& builder);

// For webhooks about something else that name a recording as well: a RECORDING_CHANGED event that says so, or none. The
// recording's own webhook says more (its channels, whether it is ready) and must have the last word, in whatever order
// the two come: so this event is placed where the recording began, `length` before the webhook.
Events RecordingBeside(const EventBuilder& builder, absl::Duration length);

}  // namespace trunkline::providers::twilio
