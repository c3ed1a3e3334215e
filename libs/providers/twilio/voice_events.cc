#include "libs/providers/twilio/webhook_events.h"

namespace trunkline::providers::twilio {
namespace {

using events::v1::CallEvent;

// The type of event that the request at the start of a call amounts to. A call that goes on with a step was answered
// before, nobody knows when.
events::v1::CallEventType TypeOf(const EventBuilder& builder) {
  const std::optional<MappedStatus> status = builder.Status();
  const bool inbound = builder.webhook().Get("Direction") == "inbound";
  if (!status.has_value() || !builder.webhook().step.empty()) return events::v1::CALL_EVENT_TYPE_UPDATED;
  const bool rings = inbound && status->type == events::v1::CALL_EVENT_TYPE_RINGING;
  const bool answered = !inbound && status->type == events::v1::CALL_EVENT_TYPE_ANSWERED;
  return rings || answered ? status->type : events::v1::CALL_EVENT_TYPE_UPDATED;
}

}  // namespace

Events EventsOfVoice(const EventBuilder& builder) {
  CallEvent event = builder.New(TypeOf(builder));
  if (event.type() == events::v1::CALL_EVENT_TYPE_RINGING) event.set_status(calls::v1::CALL_STATUS_RINGING);
  SetAnsweredIfInProgress(builder, &event);
  SetErrorIfTold(builder, &event);
  return {std::move(event)};
}

}  // namespace trunkline::providers::twilio
