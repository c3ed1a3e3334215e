// Applets of a flow. Each tells how the call stands where the applet stands: a flow that has reached nobody yet goes on
// (call-attempt), anything else is how its attempt to reach somebody ended.
#include "libs/base/text.h"
#include "libs/providers/exotel/event_builder.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::exotel {
namespace {

using events::v1::CallEvent;

bool IsInbound(const EventBuilder& builder) {
  if (builder.identity().placed_by_us) return false;
  // Flows are for calls that come in, unless one says otherwise.
  return MapDirection(builder.webhook().Get("Direction")) != calls::v1::CALL_DIRECTION_OUTBOUND;
}

// Nobody but the flow talks yet. Who was called has picked up; who calls has not been taken by anybody.
CallEvent GoingOn(const EventBuilder& builder) {
  CallEvent event = IsInbound(builder)
                        ? builder.New(events::v1::CALL_EVENT_TYPE_INITIATED, calls::v1::CALL_STATUS_INITIATED)
                        : builder.New(events::v1::CALL_EVENT_TYPE_ANSWERED, calls::v1::CALL_STATUS_ANSWERED);
  if (const std::string status = builder.Text("CallStatus"); !status.empty()) {
    event.mutable_details()->set_provider_status(status);
  }
  return event;
}

// CauseCode has the text and Cause the number, whatever their names say.
void RefineHangup(const EventBuilder& builder, calls::v1::Hangup* hangup) {
  const std::string_view by = builder.webhook().Get("Legs[0][DisconnectedBy]");
  if (hangup->cause() != calls::v1::HANGUP_CAUSE_USER_HANGUP) return;
  if (EqualsIgnoreCase(by, "caller")) hangup->set_source(calls::v1::HANGUP_SOURCE_CALLER);
  if (EqualsIgnoreCase(by, "callee")) hangup->set_source(calls::v1::HANGUP_SOURCE_CALLEE);
}

// A leg's own cause says more than "nobody took it".
void RefineCause(const EventBuilder& builder, MappedEnd* end) {
  const std::optional<int64_t> cause = builder.Number("Legs[0][Cause]");
  const bool unanswered =
      end->status == calls::v1::CALL_STATUS_MISSED || end->status == calls::v1::CALL_STATUS_NO_ANSWER;
  if (!cause.has_value() || !unanswered) return;
  const calls::v1::HangupCause mapped = MapLegCause(static_cast<int>(*cause));
  if (mapped == calls::v1::HANGUP_CAUSE_BUSY || mapped == calls::v1::HANGUP_CAUSE_REJECTED ||
      mapped == calls::v1::HANGUP_CAUSE_UNREACHABLE || mapped == calls::v1::HANGUP_CAUSE_INVALID_NUMBER) {
    end->hangup.set_cause(mapped);
  }
}

void AddDialedLeg(const EventBuilder& builder, Events* events) {
  const calls::v1::CallStatus leg = MapDialedLeg(builder.webhook().Get("DialCallStatus"));
  if (leg == calls::v1::CALL_STATUS_UNSPECIFIED) return;
  CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_DIALED_LEG_ENDED);
  const bool bridged = leg == calls::v1::CALL_STATUS_COMPLETED;
  event.mutable_dialed_leg()->set_status(leg);
  event.mutable_dialed_leg()->set_bridged(bridged);
  event.mutable_details()->set_dialed_leg_status(leg);
  if (bridged) event.mutable_details()->set_bridged(true);
  events->push_back(std::move(event));
}

void AddDigits(const EventBuilder& builder, Events* events) {
  std::string digits = builder.Text("digits");
  // Exotel puts them in quotes.
  std::erase(digits, '"');
  digits = Trim(digits);
  if (digits.empty()) return;
  CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED);
  event.mutable_digits()->set_digits(digits);
  events->push_back(std::move(event));
}

void AddStream(const EventBuilder& builder, Events* events) {
  if (!builder.webhook().HasAny("Stream[")) return;
  CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_STREAM_CHANGED);
  event.mutable_stream()->set_stream_id(builder.Text("Stream[StreamSID]"));
  event.mutable_stream()->set_change(builder.Text("Stream[Status]"));
  event.mutable_stream()->set_error(builder.Text("Stream[Error]"));
  events->push_back(std::move(event));
}

}  // namespace

Events EventsOfPassthru(const EventBuilder& builder) {
  const Webhook& webhook = builder.webhook();
  Events events;
  AddDigits(builder, &events);
  AddStream(builder, &events);
  AddDialedLeg(builder, &events);

  const bool at_end = webhook.event == kFlowEndEvent;
  const std::string_view call_type = webhook.Get("CallType");
  auto end = MapFlowEnd(call_type, webhook.Get("DialCallStatus"), IsInbound(builder), at_end);
  const absl::Duration talked = absl::Seconds(builder.Number("Legs[0][OnCallDuration]").value_or(0));
  if (end.has_value()) {
    RefineHangup(builder, &end->hangup);
    RefineCause(builder, &*end);
    CallEvent event = builder.End(*end, builder.Text("CallType"));
    if (call_type == "completed" && talked > absl::ZeroDuration()) {
      *event.mutable_details()->mutable_talk_duration() = telephony::ToProto(talked);
    }
    events.push_back(std::move(event));
  } else if (call_type == "call-attempt" || (call_type.empty() && webhook.Has("CallStatus"))) {
    events.push_back(GoingOn(builder));
  } else if (!call_type.empty()) {
    CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_UPDATED);
    event.mutable_details()->set_provider_status(builder.Text("CallType"));
    events.push_back(std::move(event));
  }
  builder.AddRecording(talked, &events);
  return events;
}

}  // namespace trunkline::providers::exotel
