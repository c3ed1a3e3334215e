// The Connect applet tells of each attempt to reach an agent. Its Status is the agent's (busy, free), never the call's.
#include "libs/providers/exotel/event_builder.h"

namespace trunkline::providers::exotel {

Events EventsOfPopup(const EventBuilder& builder) {
  const std::string_view event_type = builder.webhook().Get("EventType");
  if (event_type == "Dial" || event_type == "Ringing") {
    return {builder.New(events::v1::CALL_EVENT_TYPE_RINGING, calls::v1::CALL_STATUS_RINGING)};
  }
  if (event_type == "Answered") {
    events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_ANSWERED, calls::v1::CALL_STATUS_ANSWERED);
    event.mutable_details()->set_bridged(true);
    return {std::move(event)};
  }
  // The attempt is over; how, and what follows, is told by the applet after it.
  return {};
}

}  // namespace trunkline::providers::exotel
