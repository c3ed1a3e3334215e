#include "libs/base/text.h"
#include "libs/providers/twilio/hold_room.h"
#include "libs/providers/twilio/webhook_events.h"

namespace trunkline::providers::twilio {
namespace {

struct Change {
  events::v1::CallEventType type = events::v1::CALL_EVENT_TYPE_CONFERENCE_CHANGED;
  calls::v1::CallStatus status = calls::v1::CALL_STATUS_UNSPECIFIED;
};

constexpr Change kHeld = {events::v1::CALL_EVENT_TYPE_HELD, calls::v1::CALL_STATUS_ON_HOLD};
constexpr Change kResumed = {events::v1::CALL_EVENT_TYPE_RESUMED, calls::v1::CALL_STATUS_ANSWERED};

Change ReadChange(std::string_view change, bool hold_room, bool hung_up) {
  if (change == "participant-hold") return kHeld;
  if (change == "participant-unhold") return kResumed;
  if (hold_room && change == "participant-join") return kHeld;
  // Who leaves by hanging up comes back from nowhere.
  if (hold_room && change == "participant-leave" && !hung_up) return kResumed;
  return Change();
}

}  // namespace

Events EventsOfConference(const EventBuilder& builder) {
  std::string change = builder.Text("StatusCallbackEvent");
  if (change.empty()) change = builder.Text("EventName");  // of the older eventCallbackUrl
  const std::string name = builder.Text("FriendlyName");
  const std::string_view reason = builder.webhook().Get("ReasonParticipantLeft");
  const Change read = ReadChange(change, IsHoldRoom(name), reason == "participant_hung_up");

  events::v1::CallEvent event = builder.New(read.type);
  event.set_status(read.status);
  event.mutable_conference()->set_conference_id(builder.Text("ConferenceSid"));
  event.mutable_conference()->set_name(name);
  event.mutable_conference()->set_change(change);
  return {std::move(event)};
}

}  // namespace trunkline::providers::twilio
