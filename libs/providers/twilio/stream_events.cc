#include "libs/providers/twilio/webhook_events.h"

namespace trunkline::providers::twilio {

Events EventsOfStream(const EventBuilder& builder) {
  events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_STREAM_CHANGED);
  events::v1::StreamChange* stream = event.mutable_stream();
  stream->set_stream_id(builder.Text("StreamSid"));
  stream->set_name(builder.Text("StreamName"));
  stream->set_change(builder.Text("StreamEvent"));
  stream->set_error(builder.Text("StreamError"));
  return {std::move(event)};
}

}  // namespace trunkline::providers::twilio
