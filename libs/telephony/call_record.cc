#include "libs/telephony/call_record.h"

#include <algorithm>
#include <optional>

#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::telephony {
namespace {

using calls::v1::CallRecord;
using calls::v1::CallState;
using calls::v1::CallStatus;
using calls::v1::StatusClaim;

void SetDuration(int64_t from_micros, int64_t to_micros, google::protobuf::Duration* duration) {
  *duration = ToProto(absl::Microseconds(std::max<int64_t>(to_micros - from_micros, 0)));
}

// A completed inbound call reached somebody unless the provider says that it did not.
CallStatus EndedStatus(const CallState& state) {
  const CallStatus told = state.ended().status();
  const calls::v1::CallDetails& details = state.details();
  const bool inbound = details.direction() == calls::v1::CALL_DIRECTION_INBOUND;
  if (!inbound || details.bridged()) return told;
  switch (told) {
    case calls::v1::CALL_STATUS_COMPLETED:
      if (IsEnded(details.dialed_leg_status()) && details.dialed_leg_status() != calls::v1::CALL_STATUS_COMPLETED) {
        return calls::v1::CALL_STATUS_MISSED;
      }
      return details.waited_in_queue() ? calls::v1::CALL_STATUS_ABANDONED : told;
    case calls::v1::CALL_STATUS_NO_ANSWER:
      return calls::v1::CALL_STATUS_MISSED;
    case calls::v1::CALL_STATUS_CANCELED:
      return calls::v1::CALL_STATUS_ABANDONED;
    default:
      return told;
  }
}

calls::v1::Hangup EndedHangup(const CallState& state, CallStatus status) {
  calls::v1::Hangup hangup = state.ended().hangup();
  const calls::v1::CallDetails& details = state.details();
  if (status == calls::v1::CALL_STATUS_ABANDONED) {
    hangup.set_cause(calls::v1::HANGUP_CAUSE_USER_HANGUP);
    hangup.set_source(calls::v1::HANGUP_SOURCE_CALLER);
    return hangup;
  }
  if (status == calls::v1::CALL_STATUS_COMPLETED && details.end_requested()) {
    const bool machine =
        details.answered_by() == calls::v1::ANSWERED_BY_MACHINE || details.answered_by() == calls::v1::ANSWERED_BY_FAX;
    hangup.set_cause(machine ? calls::v1::HANGUP_CAUSE_MACHINE_DETECTED : calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP);
    hangup.set_source(calls::v1::HANGUP_SOURCE_SYSTEM);
  }
  return hangup;
}

// On hold and transferred until it is told otherwise; else what the other events say.
const StatusClaim& LiveClaim(const CallState& state) {
  const CallStatus told = state.control().status();
  const bool elsewhere = told == calls::v1::CALL_STATUS_ON_HOLD || told == calls::v1::CALL_STATUS_TRANSFERRED;
  return elsewhere ? state.control() : state.live();
}

}  // namespace

int64_t StartedAtMicros(const CallState& state) {
  if (state.has_requested_at_micros()) return state.requested_at_micros();
  std::optional<int64_t> first;
  const auto consider = [&first](bool has, int64_t at) {
    if (has && (!first.has_value() || at < *first)) first = at;
  };
  consider(state.has_initiated_at_micros(), state.initiated_at_micros());
  consider(state.has_queued_at_micros(), state.queued_at_micros());
  consider(state.has_ringing_at_micros(), state.ringing_at_micros());
  consider(state.has_answered_at_micros(), state.answered_at_micros());
  consider(state.has_ended(), state.ended().stamp().occurred_at_micros());
  return first.value_or(state.last_event_at_micros());
}

CallRecord Project(const CallState& state) {
  CallRecord record;
  record.set_call_id(state.call_id());
  record.set_business_id(state.business_id());
  *record.mutable_details() = state.details();
  *record.mutable_last_event_at() = TimestampOfMicros(state.last_event_at_micros());

  const bool ended = state.has_ended();
  const StatusClaim& leading = ended ? state.ended() : LiveClaim(state);
  record.set_status(ended ? EndedStatus(state) : leading.status());
  if (ended) *record.mutable_hangup() = EndedHangup(state, record.status());
  if (leading.has_error()) *record.mutable_error() = leading.error();

  calls::v1::CallTimes* times = record.mutable_times();
  if (state.has_requested_at_micros()) {
    *times->mutable_requested_at() = TimestampOfMicros(state.requested_at_micros());
  }
  if (state.has_initiated_at_micros()) {
    *times->mutable_initiated_at() = TimestampOfMicros(state.initiated_at_micros());
  }
  if (state.has_queued_at_micros()) *times->mutable_queued_at() = TimestampOfMicros(state.queued_at_micros());
  if (state.has_ringing_at_micros()) *times->mutable_ringing_at() = TimestampOfMicros(state.ringing_at_micros());
  if (state.has_answered_at_micros()) *times->mutable_answered_at() = TimestampOfMicros(state.answered_at_micros());

  calls::v1::CallDurations* durations = record.mutable_durations();
  if (state.has_ringing_at_micros() && state.has_answered_at_micros()) {
    SetDuration(state.ringing_at_micros(), state.answered_at_micros(), durations->mutable_ring());
  }
  if (ended) {
    const int64_t ended_at = state.ended().stamp().occurred_at_micros();
    *times->mutable_ended_at() = TimestampOfMicros(ended_at);
    SetDuration(StartedAtMicros(state), ended_at, durations->mutable_total());
    if (state.has_ringing_at_micros() && !state.has_answered_at_micros()) {
      SetDuration(state.ringing_at_micros(), ended_at, durations->mutable_ring());
    }
    if (state.details().has_talk_duration()) {
      *durations->mutable_talk() = state.details().talk_duration();
    } else if (state.has_answered_at_micros()) {
      SetDuration(state.answered_at_micros(), ended_at, durations->mutable_talk());
    }
  }
  return record;
}

}  // namespace trunkline::telephony
