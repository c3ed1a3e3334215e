#include <algorithm>

#include "libs/providers/plivo/status_mapping.h"
#include "libs/providers/plivo/webhook_events.h"
#include "libs/providers/plivo/webhook_time.h"
#include "libs/telephony/money.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::plivo {
namespace {

using events::v1::CallEvent;

constexpr std::string_view kMachine = "Machine";

// Synchronous detection tells its result with the answer, and only when there was a machine.
void SetAnsweredBy(const EventBuilder& builder, CallEvent* event) {
  const std::string_view machine = builder.webhook().Get(kMachine);
  if (machine == "true") event->mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_MACHINE);
  if (machine == "false") event->mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_HUMAN);
}

void SetProviderStatus(const EventBuilder& builder, CallEvent* event) {
  if (const std::string status = builder.Text("CallStatus"); !status.empty()) {
    event->mutable_details()->set_provider_status(status);
  }
}

bool IsInbound(const EventBuilder& builder) { return builder.webhook().Get("Direction") == "inbound"; }

}  // namespace

Events EventsOfAnswer(const EventBuilder& builder) {
  const std::string_view status = builder.webhook().Get("CallStatus");
  const bool start = builder.webhook().step.empty();
  Events events;
  if (start && IsInbound(builder) && status == "ringing") {
    events.push_back(builder.New(events::v1::CALL_EVENT_TYPE_RINGING, ParseUtc(builder.webhook().Get("SessionStart"))));
    events.back().set_status(calls::v1::CALL_STATUS_RINGING);
    SetProviderStatus(builder, &events.back());
  } else if (start && !IsInbound(builder) && status == "in-progress") {
    events.push_back(builder.New(events::v1::CALL_EVENT_TYPE_ANSWERED));
    SetProviderStatus(builder, &events.back());
  } else {
    // The call goes on with a step: it was answered before, nobody knows when.
    events.push_back(builder.Update());
  }
  SetAnsweredIfInProgress(builder, &events.back());
  SetAnsweredBy(builder, &events.back());
  return events;
}

Events EventsOfRing(const EventBuilder& builder) {
  CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_RINGING);
  event.set_status(calls::v1::CALL_STATUS_RINGING);
  SetProviderStatus(builder, &event);
  return {std::move(event)};
}

Events EventsOfMachineDetection(const EventBuilder& builder) {
  CallEvent event = builder.New(events::v1::CALL_EVENT_TYPE_MACHINE_DETECTED);
  event.mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_UNKNOWN);
  SetAnsweredBy(builder, &event);
  return {std::move(event)};
}

// StartTime, AnswerTime and EndTime are local times of the account in whole seconds; see ZoneOf. BillDuration is
// rounded up, Duration is the time talked.
Events EventsOfHangup(const EventBuilder& builder) {
  const Webhook& webhook = builder.webhook();
  const auto zone = ZoneOf(webhook.Get("StartTime"), webhook.Get("SessionStart"));
  const auto time_of = [&](std::string_view name) -> std::optional<absl::Time> {
    const auto local = ParseUtc(webhook.Get(name));
    return local.has_value() && zone.has_value() ? std::optional(*local - *zone) : std::nullopt;
  };
  const std::optional<int64_t> talked = builder.Number("Duration");
  const MappedStatus mapped = MapCallEnd({.status = webhook.Get("CallStatus"),
                                          .inbound = IsInbound(builder),
                                          .dialed_leg = !webhook.Get("ParentCallUUID").empty(),
                                          .answered = talked.value_or(0) > 0,
                                          .code = webhook.Get("HangupCauseCode"),
                                          .name = webhook.Get("HangupCauseName"),
                                          .word = webhook.Get("HangupCause"),
                                          .source = webhook.Get("HangupSource")});
  Events events;
  const std::optional<absl::Time> answered_at = time_of("AnswerTime");
  // Nothing before told when an inbound call was answered. Placed in the past, it says nothing else.
  if (IsInbound(builder) && talked.value_or(0) > 0 && answered_at.has_value()) {
    // It came in, and rang, at SessionStart, which has its fraction of a second.
    const absl::Time came_in_at = ParseUtc(webhook.Get("SessionStart")).value_or(*answered_at);
    events.push_back(builder.New(events::v1::CALL_EVENT_TYPE_ANSWERED, std::max(*answered_at, came_in_at)));
    events.back().set_status(calls::v1::CALL_STATUS_ANSWERED);
  }
  std::optional<absl::Time> ended_at = time_of("EndTime");
  if (ended_at.has_value()) ended_at = EndOfSecond(*ended_at, webhook.received_at);
  CallEvent event = builder.New(mapped.type, ended_at);
  event.set_status(mapped.status);
  *event.mutable_hangup() = mapped.hangup;
  if (mapped.status == calls::v1::CALL_STATUS_FAILED) *event.mutable_error() = mapped.error;
  SetProviderStatus(builder, &event);
  if (talked.has_value()) {
    *event.mutable_details()->mutable_talk_duration() = telephony::ToProto(absl::Seconds(*talked));
  }
  const auto cost = telephony::ParseMoney(webhook.Get("TotalCost"), webhook.currency);
  if (cost.has_value()) *event.mutable_details()->mutable_cost() = *cost;
  if (mapped.hangup.cause() == calls::v1::HANGUP_CAUSE_MACHINE_DETECTED) {
    event.mutable_details()->set_answered_by(calls::v1::ANSWERED_BY_MACHINE);
  }
  events.push_back(std::move(event));
  return events;
}

}  // namespace trunkline::providers::plivo
