// Campaigns tell of each attempt at a number, and once more when they are through with it.
#include "libs/base/text.h"
#include "libs/providers/exotel/event_builder.h"

namespace trunkline::providers::exotel {

Events EventsOfCampaign(const EventBuilder& builder) {
  const std::string status = Lower(builder.webhook().Get("status"));
  // A word for something else than an end: the call stays what it is, and the word is kept.
  if (MapDialedLeg(status) == calls::v1::CALL_STATUS_UNSPECIFIED) {
    events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_UPDATED);
    event.mutable_details()->set_provider_status(builder.Text("status"));
    return {std::move(event)};
  }
  return {builder.End(MapEnd(status, {}), builder.Text("status"))};
}

}  // namespace trunkline::providers::exotel
