#include "libs/telephony/call_merge.h"

#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "libs/base/ids.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::telephony {
namespace {

using calls::v1::CallDetails;
using calls::v1::CallState;
using calls::v1::EventStamp;
using calls::v1::StatusClaim;
using events::v1::CallEvent;
using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

EventStamp StampOf(const CallEvent& event) {
  EventStamp stamp;
  stamp.set_record_version(event.record_version());
  stamp.set_occurred_at_micros(ToMicros(event.occurred_at()));
  stamp.set_sequence(event.sequence());
  stamp.set_authority(static_cast<uint32_t>(event.source()));
  const UuidNumber id = NumberOfUuid(event.event_id());
  stamp.set_event_id_high(id.high);
  stamp.set_event_id_low(id.low);
  return stamp;
}

auto OrderOf(const EventStamp& stamp) {
  return std::tuple(stamp.record_version(), stamp.occurred_at_micros(), stamp.sequence(), stamp.authority(),
                    stamp.event_id_high(), stamp.event_id_low());
}

// While a call goes on, the furthest phase leads, whatever the clocks of its reporters say; within a phase the latest.
bool LeadsLive(const StatusClaim& a, const StatusClaim& b) {
  return std::tuple(a.phase(), OrderOf(a.stamp())) > std::tuple(b.phase(), OrderOf(b.stamp()));
}

// On how it ended, the source that knows best leads.
bool LeadsEnd(const StatusClaim& a, const StatusClaim& b) {
  return std::tuple(a.stamp().authority(), OrderOf(a.stamp())) > std::tuple(b.stamp().authority(), OrderOf(b.stamp()));
}

// The events that call control is seen by.
bool TellsControl(events::v1::CallEventType type) {
  return type == events::v1::CALL_EVENT_TYPE_HELD || type == events::v1::CALL_EVENT_TYPE_RESUMED ||
         type == events::v1::CALL_EVENT_TYPE_TRANSFERRED;
}

void SetFirstTime(const CallEvent& event, CallState* state) {
  const int64_t at = ToMicros(event.occurred_at());
  switch (event.type()) {
    case events::v1::CALL_EVENT_TYPE_REQUESTED:
      state->set_requested_at_micros(at);
      break;
    case events::v1::CALL_EVENT_TYPE_INITIATED:
      state->set_initiated_at_micros(at);
      break;
    case events::v1::CALL_EVENT_TYPE_QUEUED:
    case events::v1::CALL_EVENT_TYPE_ENQUEUED:
      state->set_queued_at_micros(at);
      break;
    case events::v1::CALL_EVENT_TYPE_RINGING:
      state->set_ringing_at_micros(at);
      break;
    case events::v1::CALL_EVENT_TYPE_ANSWERED:
      state->set_answered_at_micros(at);
      break;
    default:
      break;
  }
}

// The fields of CallDetails in the order of their numbers.
const std::vector<const FieldDescriptor*>& DetailFields() {
  static const std::vector<const FieldDescriptor*> fields = [] {
    const auto* descriptor = CallDetails::descriptor();
    std::vector<const FieldDescriptor*> all;
    all.reserve(static_cast<size_t>(descriptor->field_count()));
    for (int i = 0; i < descriptor->field_count(); ++i) all.push_back(descriptor->field(i));
    std::sort(all.begin(), all.end(), [](const auto* x, const auto* y) { return x->number() < y->number(); });
    return all;
  }();
  return fields;
}

bool IsSet(const CallDetails& details, const FieldDescriptor* field) {
  const Reflection* reflection = CallDetails::GetReflection();
  return field->is_repeated() ? reflection->FieldSize(details, field) > 0 : reflection->HasField(details, field);
}

// What an event says of times and status.
void LiftClaims(const CallEvent& event, const EventStamp& stamp, CallState* state) {
  SetFirstTime(event, state);
  state->set_last_event_at_micros(stamp.occurred_at_micros());
  if (event.status() == calls::v1::CALL_STATUS_UNSPECIFIED) return;
  StatusClaim* claim = IsEnded(event.status()) ? state->mutable_ended() : state->mutable_live();
  claim->set_status(event.status());
  claim->set_phase(PhaseOf(event.status(), event.type()));
  if (event.has_hangup()) *claim->mutable_hangup() = event.hangup();
  if (event.has_error()) *claim->mutable_error() = event.error();
  *claim->mutable_stamp() = stamp;
  if (!IsEnded(event.status()) && TellsControl(event.type())) *state->mutable_control() = *claim;
}

// Stamps the field with the event unless a later one set it; whether it did.
bool TakeField(const EventStamp& stamp, uint32_t field, int* position, CallState* into) {
  auto* stamps = into->mutable_detail_stamps();
  while (*position < stamps->size() && stamps->Get(*position).field() < field) ++*position;
  if (*position < stamps->size() && stamps->Get(*position).field() == field) {
    if (!IsEarlier(stamps->Get(*position), stamp)) return false;
  } else {
    stamps->Add();
    for (int i = stamps->size() - 1; i > *position; --i) stamps->SwapElements(i, i - 1);
  }
  *stamps->Mutable(*position) = stamp;
  stamps->Mutable(*position)->set_field(field);
  return true;
}

// The details of an event, field by field. Most events set plain fields only and come in their order: then all that
// they set is taken at once.
void MergeDetailsOfEvent(const CallDetails& details, const EventStamp& stamp, CallState* into) {
  const Reflection* reflection = CallDetails::GetReflection();
  std::vector<const FieldDescriptor*> taken;
  bool all_at_once = reflection->GetUnknownFields(details).empty();
  int position = 0;
  for (const FieldDescriptor* field : DetailFields()) {
    if (!IsSet(details, field)) continue;
    const bool is_taken = TakeField(stamp, static_cast<uint32_t>(field->number()), &position, into);
    const bool is_plain = !field->is_repeated() && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
    all_at_once = all_at_once && is_taken && is_plain;
    if (is_taken) taken.push_back(field);
  }
  if (taken.empty()) return;
  if (all_at_once) return into->mutable_details()->MergeFrom(details);
  CallDetails copy = details;
  reflection->SwapFields(into->mutable_details(), &copy, taken);
}

// Both lists of stamps are in the order of the fields' numbers, and so is the joined one.
void MergeDetails(CallState* from, CallState* into) {
  if (from->detail_stamps().empty()) return;
  const Reflection* reflection = CallDetails::GetReflection();
  google::protobuf::RepeatedPtrField<EventStamp> joined;
  joined.Reserve(into->detail_stamps_size() + from->detail_stamps_size());
  std::vector<const FieldDescriptor*> taken;
  auto* ours = into->mutable_detail_stamps();
  auto* theirs = from->mutable_detail_stamps();
  int i = 0;
  int j = 0;
  while (i < ours->size() || j < theirs->size()) {
    const bool only_ours = j == theirs->size() || (i < ours->size() && ours->Get(i).field() < theirs->Get(j).field());
    const bool only_theirs = i == ours->size() || (j < theirs->size() && theirs->Get(j).field() < ours->Get(i).field());
    if (only_ours || (!only_theirs && !IsEarlier(ours->Get(i), theirs->Get(j)))) {
      if (!only_ours) ++j;
      *joined.Add() = std::move(*ours->Mutable(i++));
    } else {
      if (!only_theirs) ++i;
      taken.push_back(CallDetails::descriptor()->FindFieldByNumber(static_cast<int>(theirs->Get(j).field())));
      *joined.Add() = std::move(*theirs->Mutable(j++));
    }
  }
  reflection->SwapFields(into->mutable_details(), from->mutable_details(), taken);
  ours->Swap(&joined);
}

}  // namespace

bool IsEarlier(const EventStamp& a, const EventStamp& b) { return OrderOf(a) < OrderOf(b); }

CallState Lift(const CallEvent& event) {
  CallState state;
  state.set_call_id(event.call_id());
  state.set_business_id(event.business_id());
  const EventStamp stamp = StampOf(event);
  LiftClaims(event, stamp, &state);
  if (event.has_details()) {
    *state.mutable_details() = event.details();
    for (const FieldDescriptor* field : DetailFields()) {
      if (!IsSet(event.details(), field)) continue;
      EventStamp* field_stamp = state.add_detail_stamps();
      *field_stamp = stamp;
      field_stamp->set_field(static_cast<uint32_t>(field->number()));
    }
  }
  return state;
}

void MergeEvent(const CallEvent& event, CallState* into) {
  const EventStamp stamp = StampOf(event);
  CallState claims;
  LiftClaims(event, stamp, &claims);
  if (into->call_id().empty()) into->set_call_id(event.call_id());
  if (into->business_id().empty()) into->set_business_id(event.business_id());
  Merge(std::move(claims), into);
  MergeDetailsOfEvent(event.details(), stamp, into);
}

void Merge(CallState from, CallState* into) {
  const auto keep_smaller = [&](auto has, auto get, auto set) {
    if ((from.*has)() && (!(into->*has)() || (from.*get)() < (into->*get)())) (into->*set)((from.*get)());
  };
  keep_smaller(&CallState::has_requested_at_micros, &CallState::requested_at_micros,
               &CallState::set_requested_at_micros);
  keep_smaller(&CallState::has_initiated_at_micros, &CallState::initiated_at_micros,
               &CallState::set_initiated_at_micros);
  keep_smaller(&CallState::has_queued_at_micros, &CallState::queued_at_micros, &CallState::set_queued_at_micros);
  keep_smaller(&CallState::has_ringing_at_micros, &CallState::ringing_at_micros, &CallState::set_ringing_at_micros);
  keep_smaller(&CallState::has_answered_at_micros, &CallState::answered_at_micros, &CallState::set_answered_at_micros);

  if (into->call_id().empty()) into->set_call_id(from.call_id());
  if (into->business_id().empty()) into->set_business_id(from.business_id());
  into->set_last_event_at_micros(std::max(into->last_event_at_micros(), from.last_event_at_micros()));

  if (from.has_live() && (!into->has_live() || LeadsLive(from.live(), into->live()))) {
    into->mutable_live()->Swap(from.mutable_live());
  }
  if (from.has_control() && (!into->has_control() || IsEarlier(into->control().stamp(), from.control().stamp()))) {
    into->mutable_control()->Swap(from.mutable_control());
  }
  if (from.has_ended() && (!into->has_ended() || LeadsEnd(from.ended(), into->ended()))) {
    into->mutable_ended()->Swap(from.mutable_ended());
  }
  MergeDetails(&from, into);
}

}  // namespace trunkline::telephony
