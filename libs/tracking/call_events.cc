#include "libs/tracking/call_events.h"

#include <utility>

#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/redaction.h"

namespace trunkline::tracking {
namespace {

using calls::v1::CallDetails;
using calls::v1::CallStatus;
using events::v1::CallEvent;
using events::v1::CallEventType;

// A recording that is not there yet comes within a day of the call's end.
constexpr absl::Duration kLateRecording = absl::Hours(24);

// After it, what is told of a call's life is no news.
constexpr absl::Duration kLive = absl::Minutes(15);

bool IsRecovered(const TrackedCall& call, const RecordReading& reading) {
  return !reading.answers_webhook && call.ended_at.has_value() && reading.requested_at - *call.ended_at > kLive;
}

google::protobuf::Timestamp TimeOrNone(const std::optional<absl::Time>& time) {
  return time.has_value() ? telephony::ToProto(*time) : google::protobuf::Timestamp();
}

std::string MicrosOf(absl::Time time) { return Concat(absl::ToUnixMicros(time)); }

// Makes the events of one call.
class Maker {
 public:
  Maker(const CallPlace& place, const TrackedCall& call)
      : place_(place), call_(call), call_id_(place.CallIdOf(call.external_id)) {}

  CallEvent Make(CallEventType type, absl::Time at, std::string event_id) const {
    CallEvent event;
    event.set_event_id(std::move(event_id));
    event.set_call_id(call_id_);
    event.set_type(type);
    event.set_source(events::v1::EVENT_SOURCE_SYNC);
    *event.mutable_occurred_at() = telephony::ToProto(at);
    event.mutable_details()->set_provider(place_.platform);
    event.mutable_details()->set_provider_account_id(place_.account_id);
    event.mutable_details()->set_external_call_id(call_.external_id);
    return event;
  }

  // A step of the call's life, that happens once.
  CallEvent MakeStep(CallEventType type, absl::Time at, CallStatus status) const {
    // An ending may be corrected, which is another fact.
    const std::string ending = telephony::IsEnded(status) ? telephony::NameOf(status) : std::string();
    CallEvent event = Make(type, at, IdOf(telephony::NameOf(type), {call_.external_id, ending}));
    event.set_status(status);
    if (telephony::IsEnded(status)) *event.mutable_hangup() = call_.hangup;
    return event;
  }

  std::string IdOf(std::string_view kind, std::initializer_list<std::string_view> parts) const {
    return telephony::EventIdOf(place_.account_id, Concat("tracking.", kind), parts);
  }

  const TrackedCall& call() const { return call_; }
  const CallPlace& place() const { return place_; }

 private:
  const CallPlace& place_;
  const TrackedCall& call_;
  std::string call_id_;
};

template <typename Setter>
void SetText(const Told<std::string>& text, const Setter& set) {
  if (text.is_told) set(text.value.value_or(std::string()));
}

void SetAmount(const Told<int64_t>& amount, const std::string& currency,
               calls::v1::Money* (CallDetails::*mutable_field)(), CallDetails* details) {
  if (!amount.is_told) return;
  *(details->*mutable_field)() = amount.has_value() ? ToMoney(*amount, currency) : calls::v1::Money();
}

void SetParties(const TrackedCall& call, CallDetails* details) {
  SetText(call.caller, [&](std::string text) { details->set_from(std::move(text)); });
  SetText(call.raw_caller, [&](std::string text) { details->set_raw_from(std::move(text)); });
  SetText(call.tracking_number, [&](std::string text) { details->set_to(std::move(text)); });
  SetText(call.destination, [&](std::string text) { details->set_forwarded_to(std::move(text)); });
  if (call.direction.has_value()) details->set_direction(*call.direction);
}

void SetAttribution(const TrackedCall& call, CallDetails* details) {
  SetText(call.campaign_id, [&](std::string text) { details->set_tracking_campaign_id(std::move(text)); });
  SetText(call.campaign_key, [&](std::string text) { details->set_tracking_campaign_key(std::move(text)); });
  SetText(call.campaign_name, [&](std::string text) { details->set_tracking_campaign_name(std::move(text)); });
  SetText(call.publisher_id, [&](std::string text) { details->set_publisher_id(std::move(text)); });
  SetText(call.publisher_name, [&](std::string text) { details->set_publisher_name(std::move(text)); });
  SetText(call.sub_id, [&](std::string text) { details->set_publisher_sub_id(std::move(text)); });
  SetText(call.buyer_id, [&](std::string text) { details->set_buyer_id(std::move(text)); });
  SetText(call.buyer_name, [&](std::string text) { details->set_buyer_name(std::move(text)); });
}

void SetMoney(const TrackedCall& call, CallDetails* details) {
  SetAmount(call.revenue, call.currency, &CallDetails::mutable_revenue, details);
  SetAmount(call.payout, call.currency, &CallDetails::mutable_payout, details);
  SetAmount(call.cost, call.currency, &CallDetails::mutable_cost, details);
  if (call.converted.has_value()) details->set_converted(*call.converted);
}

void SetTimes(const TrackedCall& call, CallDetails* details) {
  // A beginning that was known once does not vanish.
  if (call.started_at.has_value()) *details->mutable_started_at() = telephony::ToProto(*call.started_at);
  if (call.answered_at.is_told) *details->mutable_answered_at() = TimeOrNone(call.answered_at.value);
  if (call.ended_at.is_told) *details->mutable_ended_at() = TimeOrNone(call.ended_at.value);
  if (call.duration_seconds.has_value()) details->mutable_total_duration()->set_seconds(*call.duration_seconds);
  if (call.talk_seconds.has_value()) details->mutable_talk_duration()->set_seconds(*call.talk_seconds);
}

void SetRecording(const TrackedCall& call, absl::Time as_of, CallDetails* details) {
  if (!call.recording_url.is_told) return;
  if (call.recording_url.has_value()) {
    calls::v1::Recording* recording = details->mutable_recording();
    recording->set_external_recording_id(call.external_id);
    recording->set_url(WithoutSecretParameters(*call.recording_url));
    recording->set_status(calls::v1::RECORDING_STATUS_READY);
  } else if (call.ended_at.has_value() && as_of - *call.ended_at > kLateRecording) {
    details->mutable_recording()->set_status(calls::v1::RECORDING_STATUS_ABSENT);
  }
}

void SetRest(const TrackedCall& call, const CallPlace& place, CallDetails* details) {
  if (call.tags.has_value()) {
    auto* values = details->mutable_tracking_tags()->mutable_values();
    for (const auto& [name, value] : *call.tags) (*values)[name] = value;
  }
  SetText(call.raw_status, [&](std::string text) { details->set_provider_status(std::move(text)); });
  SetText(call.status_reason, [&](std::string text) { details->set_status_reason(std::move(text)); });
  if (call.voicemail.has_value()) details->set_voicemail(*call.voicemail);
  if (!call.upstream_id.empty()) details->set_parent_call_id(place.CallIdOf(call.upstream_id));
  if (call.deleted_at.is_told) *details->mutable_record_deleted_at() = TimeOrNone(call.deleted_at.value);
  if (call.updated_at.has_value()) *details->mutable_record_changed_at() = telephony::ToProto(*call.updated_at);
}

void SetDetails(const Maker& maker, absl::Time as_of, CallEvent* event) {
  const TrackedCall& call = maker.call();
  CallDetails* details = event->mutable_details();
  SetParties(call, details);
  SetAttribution(call, details);
  SetMoney(call, details);
  SetTimes(call, details);
  SetRecording(call, as_of, details);
  SetRest(call, maker.place(), details);
}

void SetStatus(const TrackedCall& call, CallEvent* event) {
  if (!call.status.has_value()) return;
  event->set_status(*call.status);
  if (telephony::IsEnded(*call.status)) *event->mutable_hangup() = call.hangup;
}

// The type of event that begins a status in which a call goes on.
std::optional<CallEventType> StepOf(CallStatus status) {
  switch (status) {
    case calls::v1::CALL_STATUS_QUEUED:
      return events::v1::CALL_EVENT_TYPE_QUEUED;
    case calls::v1::CALL_STATUS_RINGING:
      return events::v1::CALL_EVENT_TYPE_RINGING;
    default:
      return std::nullopt;
  }
}

// The steps that the call has gone by what it tells.
void AddSteps(const Maker& maker, absl::Time as_of, std::vector<CallEvent>* events) {
  const TrackedCall& call = maker.call();
  if (call.started_at.has_value()) {
    events->push_back(
        maker.MakeStep(events::v1::CALL_EVENT_TYPE_INITIATED, *call.started_at, calls::v1::CALL_STATUS_INITIATED));
  }
  if (call.status.has_value() && StepOf(*call.status).has_value()) {
    events->push_back(maker.MakeStep(*StepOf(*call.status), as_of, *call.status));
  }
  if (call.answered_at.has_value()) {
    events->push_back(
        maker.MakeStep(events::v1::CALL_EVENT_TYPE_ANSWERED, *call.answered_at, calls::v1::CALL_STATUS_ANSWERED));
  }
  if (call.status.has_value() && telephony::IsEnded(*call.status)) {
    events->push_back(
        maker.MakeStep(events::v1::CALL_EVENT_TYPE_ENDED, call.ended_at.value.value_or(as_of), *call.status));
  }
  if (call.recording_url.has_value()) {
    CallEvent event =
        maker.Make(events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED, as_of, maker.IdOf("recording", {call.external_id}));
    SetRecording(call, as_of, event.mutable_details());
    events->push_back(std::move(event));
  }
}

// What a notification says by its name alone.
std::optional<CallEvent> NamedStep(const Maker& maker, NotifiedEvent event, absl::Time at) {
  switch (event) {
    case NotifiedEvent::kStarted:
      return maker.MakeStep(events::v1::CALL_EVENT_TYPE_INITIATED, at, calls::v1::CALL_STATUS_INITIATED);
    case NotifiedEvent::kRinging:
      return maker.MakeStep(events::v1::CALL_EVENT_TYPE_RINGING, at, calls::v1::CALL_STATUS_RINGING);
    case NotifiedEvent::kAnswered:
      return maker.MakeStep(events::v1::CALL_EVENT_TYPE_ANSWERED, at, calls::v1::CALL_STATUS_ANSWERED);
    default:
      return std::nullopt;
  }
}

template <typename T>
void KeepValue(Told<T>* told) {
  if (!told->has_value()) *told = {};
}

// Without a version nothing can be taken back.
TrackedCall WithValuesOnly(TrackedCall call) {
  for (auto* text : {&call.caller, &call.raw_caller, &call.tracking_number, &call.destination, &call.campaign_id,
                     &call.campaign_key, &call.campaign_name, &call.publisher_id, &call.publisher_name, &call.sub_id,
                     &call.buyer_id, &call.buyer_name, &call.raw_status, &call.status_reason, &call.recording_url}) {
    KeepValue(text);
  }
  for (auto* time : {&call.started_at, &call.answered_at, &call.ended_at, &call.deleted_at}) KeepValue(time);
  for (auto* amount : {&call.revenue, &call.payout, &call.cost}) KeepValue(amount);
  return call;
}

CallEvent EventAbout(const CallPlace& place, const KnownRecord& record, CallEventType type, std::string_view kind,
                     absl::Time found_at) {
  TrackedCall call{.external_id = record.external_id};
  const Maker maker(place, call);
  CallEvent event =
      maker.Make(type, found_at, maker.IdOf(kind, {record.external_id, MicrosOf(record.version), MicrosOf(found_at)}));
  event.set_record_version(absl::ToUnixMicros(record.version));
  event.set_sequence(absl::ToUnixMicros(found_at));
  // Tells the one who cuts an account over which calls it is about.
  if (record.started_at.has_value())
    *event.mutable_details()->mutable_started_at() = telephony::ToProto(*record.started_at);
  return event;
}

bool HasEvent(const std::vector<CallEvent>& events, const CallEvent& event) {
  for (const CallEvent& other : events) {
    if (other.event_id() == event.event_id()) return true;
  }
  return false;
}

}  // namespace

std::string CallPlace::CallIdOf(std::string_view external_id) const {
  return telephony::CallIdOf(account_id, external_id);
}

std::vector<CallEvent> EventsOfRecord(const CallPlace& place, const TrackedCall& call, const RecordReading& reading) {
  const Maker maker(place, call);
  const absl::Time as_of = call.updated_at.value.value_or(reading.requested_at);
  std::vector<CallEvent> events;
  AddSteps(maker, as_of, &events);

  const std::string hash = ContentHash(place.platform, call);
  const std::string version = call.updated_at.has_value() ? MicrosOf(as_of) : Concat("#", reading.number);
  CallEvent event =
      maker.Make(events::v1::CALL_EVENT_TYPE_UPDATED, as_of, maker.IdOf("record", {call.external_id, version, hash}));
  // An API's word beats a notification's of the same version, and the later request the earlier.
  event.set_sequence(absl::ToUnixMicros(reading.requested_at));
  event.set_record_version(absl::ToUnixMicros(as_of));
  SetStatus(call, &event);
  SetDetails(maker, reading.requested_at, &event);
  event.mutable_details()->set_record_hash(hash);
  events.push_back(std::move(event));
  if (IsRecovered(call, reading)) {
    for (CallEvent& recovered : events) recovered.set_recovered(true);
  }
  return events;
}

std::vector<CallEvent> EventsOfNotification(const CallPlace& place, const TrackedCall& told, NotifiedEvent notified,
                                            std::string_view digest, absl::Time received_at) {
  const TrackedCall call = told.updated_at.has_value() ? told : WithValuesOnly(told);
  const Maker maker(place, call);
  const absl::Time as_of = call.updated_at.value.value_or(received_at);
  std::vector<CallEvent> events;
  AddSteps(maker, as_of, &events);
  if (std::optional<CallEvent> step = NamedStep(maker, notified, as_of); step.has_value() && !HasEvent(events, *step)) {
    events.push_back(*std::move(step));
  }
  CallEvent event =
      maker.Make(events::v1::CALL_EVENT_TYPE_UPDATED, as_of, maker.IdOf("notification", {call.external_id, digest}));
  if (call.updated_at.has_value()) {
    event.set_record_version(absl::ToUnixMicros(as_of));
    SetStatus(call, &event);
  }
  SetDetails(maker, received_at, &event);
  events.push_back(std::move(event));
  return events;
}

CallEvent EventOfStaleCall(const CallPlace& place, const KnownRecord& record, absl::Time found_at) {
  CallEvent event = EventAbout(place, record, events::v1::CALL_EVENT_TYPE_ENDED, "stale", found_at);
  event.set_status(calls::v1::CALL_STATUS_FAILED);
  event.mutable_hangup()->set_source(calls::v1::HANGUP_SOURCE_SYSTEM);
  *event.mutable_details()->mutable_ended_at() = telephony::ToProto(found_at);
  event.mutable_details()->set_status_reason("stale_live");
  return event;
}

CallEvent EventOfLostRecord(const CallPlace& place, const KnownRecord& record, absl::Time found_at) {
  CallEvent event = EventAbout(place, record, events::v1::CALL_EVENT_TYPE_UPDATED, "lost", found_at);
  *event.mutable_details()->mutable_record_deleted_at() = telephony::ToProto(found_at);
  return event;
}

CallEvent EventOfFoundRecord(const CallPlace& place, const KnownRecord& record, absl::Time found_at) {
  CallEvent event = EventAbout(place, record, events::v1::CALL_EVENT_TYPE_UPDATED, "found", found_at);
  *event.mutable_details()->mutable_record_deleted_at() = TimeOrNone(std::nullopt);
  return event;
}

}  // namespace trunkline::tracking
