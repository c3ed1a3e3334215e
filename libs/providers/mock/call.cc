#include "libs/providers/mock/call.h"

#include "libs/base/text.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::mock {
namespace {

constexpr int64_t kMicrosPerMinute = 10'000;

events::v1::CallEventType TypeOf(calls::v1::CallStatus status) {
  if (telephony::IsEnded(status)) return events::v1::CALL_EVENT_TYPE_ENDED;
  switch (status) {
    case calls::v1::CALL_STATUS_INITIATED:
      return events::v1::CALL_EVENT_TYPE_INITIATED;
    case calls::v1::CALL_STATUS_RINGING:
      return events::v1::CALL_EVENT_TYPE_RINGING;
    case calls::v1::CALL_STATUS_ANSWERED:
      return events::v1::CALL_EVENT_TYPE_ANSWERED;
    case calls::v1::CALL_STATUS_ON_HOLD:
      return events::v1::CALL_EVENT_TYPE_HELD;
    case calls::v1::CALL_STATUS_TRANSFERRED:
      return events::v1::CALL_EVENT_TYPE_TRANSFERRED;
    default:
      return events::v1::CALL_EVENT_TYPE_UPDATED;
  }
}

}  // namespace

std::optional<calls::v1::Money> CostOf(const Call& call) {
  if (!call.ended_at.has_value() || !call.answered_at.has_value()) return std::nullopt;
  calls::v1::Money cost;
  cost.set_currency("USD");
  cost.set_micros(kMicrosPerMinute * absl::ToInt64Minutes(absl::Ceil(call.talked, absl::Minutes(1))));
  return cost;
}

ProviderCall Describe(const Call& call, absl::Time now) {
  ProviderCall out;
  out.external_call_id = call.external_call_id;
  out.call_id = call.call_id;
  out.from = call.from;
  out.to = call.to;
  out.created_at = call.created_at;
  events::v1::CallEvent& event = out.event;
  event.set_type(TypeOf(call.status));
  event.set_status(call.status);
  event.set_source(events::v1::EVENT_SOURCE_RECONCILIATION);
  *event.mutable_received_at() = telephony::ToProto(now);
  *event.mutable_occurred_at() = telephony::ToProto(call.ended_at.value_or(call.answered_at.value_or(call.created_at)));
  calls::v1::CallDetails& details = *event.mutable_details();
  details.set_provider(std::string(kProviderName));
  details.set_provider_account_id(call.account->id);
  details.set_external_call_id(call.external_call_id);
  details.set_direction(call.direction);
  details.set_from(call.from);
  details.set_to(call.to);
  if (call.answered_by != calls::v1::ANSWERED_BY_UNSPECIFIED) details.set_answered_by(call.answered_by);
  if (const auto cost = CostOf(call); cost.has_value()) *details.mutable_cost() = *cost;
  if (call.ended_at.has_value()) {
    *event.mutable_hangup() = call.hangup;
    if (call.answered_at.has_value()) *details.mutable_talk_duration() = telephony::ToProto(call.talked);
  }
  event.set_event_id(
      telephony::EventIdOf(call.account->id, "mock.api", {call.external_call_id, Concat(call.sequence)}));
  return out;
}

ProviderRecording Describe(const Recording& recording) {
  ProviderRecording out;
  out.recording.set_external_recording_id(recording.id);
  out.recording.set_url(Concat("mock://recordings/", recording.id));
  out.recording.set_status(recording.status);
  out.recording.set_channels(2);
  if (recording.status != calls::v1::RECORDING_STATUS_IN_PROGRESS) {
    *out.recording.mutable_duration() = telephony::ToProto(recording.length);
  }
  out.external_call_id = recording.external_call_id;
  out.started_at = recording.started_at;
  return out;
}

}  // namespace trunkline::providers::mock
