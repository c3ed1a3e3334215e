// StatusCallback: "answered" for each leg that picks up, "terminal" at the end; without subscribed events only the end,
// with four fields.
#include "libs/base/text.h"
#include "libs/providers/exotel/event_builder.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::exotel {
namespace {

Events EventsOfAnswer(const EventBuilder& builder) {
  const Webhook& webhook = builder.webhook();
  const std::string second = Lower(webhook.Get("Legs[1][Status]"));
  // The first leg alone is up: the called side rings. A call to a flow has no second leg.
  const bool rings = webhook.HasAny("Legs[") && second.empty();
  events::v1::CallEvent event =
      rings ? builder.New(events::v1::CALL_EVENT_TYPE_RINGING, calls::v1::CALL_STATUS_RINGING)
            : builder.New(events::v1::CALL_EVENT_TYPE_ANSWERED, calls::v1::CALL_STATUS_ANSWERED);
  if (!rings && !second.empty()) event.mutable_details()->set_bridged(true);
  event.mutable_details()->set_provider_status(builder.Text("Status"));
  return {std::move(event)};
}

bool IsLiveWord(std::string_view status) {
  return status == "queued" || status == "ringing" || status == "in-progress";
}

}  // namespace

Events EventsOfStatus(const EventBuilder& builder) {
  const Webhook& webhook = builder.webhook();
  const std::string event_type = Lower(webhook.Get("EventType"));
  const std::string status = Lower(webhook.Get("Status"));
  if (event_type == "answered") return EventsOfAnswer(builder);
  if (event_type.empty() && IsLiveWord(status)) {
    // No end, and no word on which leg it is about.
    events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_UPDATED);
    event.mutable_details()->set_provider_status(status);
    return {std::move(event)};
  }

  const std::string first = Lower(webhook.Get("Legs[0][Status]"));
  const std::string second = Lower(webhook.Get("Legs[1][Status]"));
  const LegStatuses legs{first, second, MapAnsweredBy(webhook.Get("Legs[1][AnsweredBy]"))};
  events::v1::CallEvent end = builder.End(MapEnd(status, legs), builder.Text("Status"));
  const std::optional<int64_t> talked = builder.Number("ConversationDuration");
  if (talked.has_value()) {
    *end.mutable_details()->mutable_talk_duration() = telephony::ToProto(absl::Seconds(*talked));
    if (*talked > 0) end.mutable_details()->set_bridged(true);
  }
  Events events = {std::move(end)};
  builder.AddRecording(absl::Seconds(talked.value_or(0)), &events);
  return events;
}

}  // namespace trunkline::providers::exotel
