#include "libs/providers/twilio/recording_details.h"
#include "libs/providers/twilio/webhook_events.h"
#include "libs/telephony/event_id.h"

namespace trunkline::providers::twilio {
namespace {

// Whether the two sides ever talked.
bool Bridged(const EventBuilder& builder) {
  const std::string_view told = builder.webhook().Get("DialBridged");
  if (!told.empty()) return told == "true";
  return builder.webhook().Get("DialCallStatus") == "completed" && builder.Number("DialCallDuration").value_or(0) > 0;
}

}  // namespace

Events EventsOfDial(const EventBuilder& builder) {
  const calls::v1::CallStatus status = MapDialedLegStatus(builder.webhook().Get("DialCallStatus"));
  events::v1::CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_DIALED_LEG_ENDED);
  events::v1::DialedLegEnded* leg = event.mutable_dialed_leg();
  // The id that the leg's own webhooks have; a conference is no leg.
  if (const std::string sid = builder.Text("DialCallSid"); !sid.empty()) {
    leg->set_leg_call_id(telephony::CallIdOf(builder.webhook().account_id, sid));
  }
  leg->set_status(status);
  leg->set_bridged(Bridged(builder));
  if (status != calls::v1::CALL_STATUS_UNSPECIFIED) event.mutable_details()->set_dialed_leg_status(status);
  // A later leg that nobody took does not undo that an earlier one was bridged.
  if (leg->bridged()) event.mutable_details()->set_bridged(true);
  SetAnsweredIfInProgress(builder, &event);

  Events events = {std::move(event)};
  const absl::Duration length = absl::Seconds(builder.Number("DialCallDuration").value_or(0));
  for (events::v1::CallEvent& recording : RecordingBeside(builder, length)) events.push_back(std::move(recording));
  return events;
}

Events EventsOfRefer(const EventBuilder& builder) {
  const bool transferred = builder.webhook().Get("ReferCallStatus") == "completed";
  events::v1::CallEvent event = transferred ? builder.New(events::v1::CALL_EVENT_TYPE_TRANSFERRED) : builder.Update();
  if (transferred) {
    event.set_status(calls::v1::CALL_STATUS_TRANSFERRED);
  } else {
    SetAnsweredIfInProgress(builder, &event);
    event.mutable_error()->set_code(calls::v1::CALL_ERROR_CODE_REJECTED);
    event.mutable_error()->set_message("the call could not be transferred");
    event.mutable_error()->set_provider_code(builder.Text("ReferSipResponseCode"));
    event.mutable_error()->set_provider_message(builder.Text("ReferCallStatus"));
  }
  return {std::move(event)};
}

}  // namespace trunkline::providers::twilio
