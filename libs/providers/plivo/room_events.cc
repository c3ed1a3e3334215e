#include "libs/providers/plivo/rooms.h"
#include "libs/providers/plivo/webhook_events.h"
#include "libs/providers/plivo/webhook_time.h"

namespace trunkline::providers::plivo {
namespace {

using events::v1::CallEvent;

struct Change {
  events::v1::CallEventType type = events::v1::CALL_EVENT_TYPE_CONFERENCE_CHANGED;
  calls::v1::CallStatus status = calls::v1::CALL_STATUS_UNSPECIFIED;
};

Change Read(std::string_view room, std::string_view action, bool in_progress) {
  if (IsHoldRoom(room) && action == "enter") {
    return {events::v1::CALL_EVENT_TYPE_HELD, calls::v1::CALL_STATUS_ON_HOLD};
  }
  // Who leaves by hanging up comes back from nowhere.
  if (IsHoldRoom(room) && action == "exit" && in_progress) {
    return {events::v1::CALL_EVENT_TYPE_RESUMED, calls::v1::CALL_STATUS_ANSWERED};
  }
  if (IsQueueRoom(room) && action == "enter") {
    return {events::v1::CALL_EVENT_TYPE_ENQUEUED, calls::v1::CALL_STATUS_QUEUED};
  }
  return {};
}

}  // namespace

Events EventsOfConference(const EventBuilder& builder) {
  const std::string_view action = builder.webhook().Get("ConferenceAction");
  if (action == "record") return EventsOfRecording(builder);
  if (action == "digits") {
    CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED);
    event.mutable_digits()->set_digits(builder.Text("ConferenceDigitsMatch"));
    return {std::move(event)};
  }
  const std::string room = builder.Text("ConferenceName");
  const Change change = Read(room, action, builder.webhook().Get("CallStatus") == "in-progress");
  CallEvent event = builder.New(change.type);
  event.set_status(change.status);
  if (change.type == events::v1::CALL_EVENT_TYPE_ENQUEUED) event.mutable_details()->set_waited_in_queue(true);
  const std::string uuid = builder.Text("ConferenceUUID");
  if (!uuid.empty()) event.mutable_details()->set_conference_id(uuid);
  event.mutable_conference()->set_conference_id(uuid);
  event.mutable_conference()->set_name(room);
  event.mutable_conference()->set_change(builder.Text("ConferenceAction"));
  return {std::move(event)};
}

Events EventsOfMultiPartyCall(const EventBuilder& builder) {
  CallEvent event =
      builder.New(events::v1::CALL_EVENT_TYPE_CONFERENCE_CHANGED, ParseUtc(builder.webhook().Get("EventTimestamp")));
  const std::string uuid = builder.Text("MPCUUID");
  if (!uuid.empty()) event.mutable_details()->set_conference_id(uuid);
  event.mutable_conference()->set_conference_id(uuid);
  event.mutable_conference()->set_name(builder.Text("MPCName"));
  event.mutable_conference()->set_change(builder.Text("EventName"));
  return {std::move(event)};
}

Events EventsOfStream(const EventBuilder& builder) {
  CallEvent event =
      builder.New(events::v1::CALL_EVENT_TYPE_STREAM_CHANGED, ParseUtc(builder.webhook().Get("Timestamp")));
  event.mutable_stream()->set_stream_id(builder.Text("StreamID"));
  event.mutable_stream()->set_change(builder.Text("Event"));
  return {std::move(event)};
}

}  // namespace trunkline::providers::plivo
