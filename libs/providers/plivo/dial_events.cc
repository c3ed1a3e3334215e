#include "libs/providers/plivo/status_mapping.h"
#include "libs/providers/plivo/webhook_events.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::plivo {
namespace {

using events::v1::CallEvent;

Events EndOfLeg(const EventBuilder& builder) {
  const Webhook& webhook = builder.webhook();
  const std::optional<int64_t> talked = builder.Number("DialBLegDuration");
  const MappedStatus mapped = MapCallEnd({.status = {},
                                          .inbound = false,
                                          .dialed_leg = true,
                                          .answered = talked.value_or(0) > 0,
                                          .code = webhook.Get("DialBLegHangupCauseCode"),
                                          .name = webhook.Get("DialBLegHangupCauseName"),
                                          .word = webhook.Get("DialBLegHangupCause"),
                                          .source = webhook.Get("DialBLegHangupSource")});
  CallEvent event = builder.New(mapped.type);
  event.set_status(mapped.status);
  *event.mutable_hangup() = mapped.hangup;
  if (mapped.status == calls::v1::CALL_STATUS_FAILED) *event.mutable_error() = mapped.error;
  if (talked.has_value()) {
    *event.mutable_details()->mutable_talk_duration() = telephony::ToProto(absl::Seconds(*talked));
  }
  return {std::move(event)};
}

}  // namespace

Events EventsOfDial(const EventBuilder& builder) {
  const calls::v1::CallStatus status = MapDialStatus(builder.webhook().Get("DialStatus"));
  CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_DIALED_LEG_ENDED);
  events::v1::DialedLegEnded* leg = event.mutable_dialed_leg();
  if (const std::string uuid = builder.Text("DialBLegUUID"); !uuid.empty()) {
    leg->set_leg_call_id(telephony::CallIdOf(builder.webhook().account_id, uuid));
  }
  leg->set_status(status);
  leg->set_bridged(status == calls::v1::CALL_STATUS_COMPLETED);
  if (status != calls::v1::CALL_STATUS_UNSPECIFIED) event.mutable_details()->set_dialed_leg_status(status);
  // A later leg that nobody took does not undo that an earlier one was bridged.
  if (leg->bridged()) event.mutable_details()->set_bridged(true);
  SetAnsweredIfInProgress(builder, &event);
  return {std::move(event)};
}

Events EventsOfDialedLeg(const EventBuilder& builder) {
  const std::string_view action = builder.webhook().Get("DialAction");
  if (action == "digits") {
    CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED);
    event.mutable_digits()->set_digits(builder.Text("DialDigitsMatch"));
    SetAnsweredIfInProgress(builder, &event);
    return {std::move(event)};
  }
  // Without a leg it is about the call that dials, of whose end its own webhook tells.
  if (!builder.identity().is_dialed_leg) return {builder.Update()};
  if (action == "hangup") return EndOfLeg(builder);
  if (action == "answer") {
    CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_ANSWERED);
    event.set_status(calls::v1::CALL_STATUS_ANSWERED);
    return {std::move(event)};
  }
  CallEvent event = builder.Update();
  if (action == "connected") event.mutable_details()->set_bridged(true);
  return {std::move(event)};
}

}  // namespace trunkline::providers::plivo
