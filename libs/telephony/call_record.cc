#include "libs/telephony/call_record.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <optional>
#include <vector>

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

// A completed inbound call reached somebody unless the provider says that it did not. A platform's record speaks of the
// whole call, so that its word stands as it is.
CallStatus EndedStatus(const CallState& state) {
  const CallStatus told = state.ended().status();
  if (state.ended().stamp().record_version() != 0) return told;
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

// What a record says of a time rules over the times of the events; the record may also say that there is none.
bool IsTold(const google::protobuf::Timestamp& time) { return time.seconds() != 0 || time.nanos() != 0; }

// Takes out of the details what a record told not to be there.
void ClearWhatIsNot(calls::v1::CallDetails* details) {
  const auto* reflection = details->GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection->ListFields(*details, &fields);
  for (const auto* field : fields) {
    if (field->is_repeated()) continue;
    bool is_none = false;
    if (field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING) {
      is_none = reflection->GetString(*details, field).empty();
    } else if (field->message_type() == calls::v1::Money::descriptor()) {
      is_none = static_cast<const calls::v1::Money&>(reflection->GetMessage(*details, field)).currency().empty();
    } else if (field->message_type() == google::protobuf::Timestamp::descriptor()) {
      is_none = !IsTold(static_cast<const google::protobuf::Timestamp&>(reflection->GetMessage(*details, field)));
    }
    if (is_none) reflection->ClearField(details, field);
  }
}

void SetRecordTimes(const calls::v1::CallDetails& details, bool ended, calls::v1::CallTimes* times) {
  if (details.has_started_at() && IsTold(details.started_at())) *times->mutable_initiated_at() = details.started_at();
  if (details.has_answered_at()) *times->mutable_answered_at() = details.answered_at();
  if (!IsTold(times->answered_at())) times->clear_answered_at();
  if (ended && details.has_ended_at() && IsTold(details.ended_at())) *times->mutable_ended_at() = details.ended_at();
}

void SetDurations(const CallState& state, CallRecord* record) {
  const calls::v1::CallTimes& times = record->times();
  calls::v1::CallDurations* durations = record->mutable_durations();
  const int64_t ringing_at = ToMicros(times.ringing_at());
  const int64_t answered_at = ToMicros(times.answered_at());
  const int64_t ended_at = ToMicros(times.ended_at());
  if (times.has_ringing_at() && times.has_answered_at()) {
    SetDuration(ringing_at, answered_at, durations->mutable_ring());
  }
  if (!times.has_ended_at()) return;
  SetDuration(StartedAtMicros(state), ended_at, durations->mutable_total());
  if (times.has_ringing_at() && !times.has_answered_at()) {
    SetDuration(ringing_at, ended_at, durations->mutable_ring());
  }
  if (state.details().has_total_duration()) *durations->mutable_total() = state.details().total_duration();
  if (state.details().has_talk_duration()) {
    *durations->mutable_talk() = state.details().talk_duration();
  } else if (times.has_answered_at()) {
    SetDuration(answered_at, ended_at, durations->mutable_talk());
  }
}

}  // namespace

int64_t StartedAtMicros(const CallState& state) {
  if (IsTold(state.details().started_at())) return ToMicros(state.details().started_at());
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

  if (ended) *times->mutable_ended_at() = TimestampOfMicros(state.ended().stamp().occurred_at_micros());
  SetRecordTimes(state.details(), ended, times);
  SetDurations(state, &record);
  if (state.details().has_record_hash() || state.details().has_record_changed_at()) {
    ClearWhatIsNot(record.mutable_details());
  }
  return record;
}

}  // namespace trunkline::telephony
