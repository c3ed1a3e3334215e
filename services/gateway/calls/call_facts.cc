#include "services/gateway/calls/call_facts.h"

#include <string_view>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using calls::v1::CallError;
using events::v1::CallEvent;
using events::v1::CallEventType;

// A second attempt may go over the same account as the first.
std::string OfAttempt(const CallIdentity& call, std::string_view kind) {
  return call.attempt > 1 ? Concat(kind, " of attempt ", call.attempt) : std::string(kind);
}

CallEvent Fact(const CallIdentity& call, std::string_view kind, CallEventType type, absl::Time at) {
  CallEvent fact;
  fact.set_event_id(telephony::EventIdOf(call.provider_account_id, "gateway", {call.call_id, OfAttempt(call, kind)}));
  if (call.attempt > 1) fact.set_sequence(call.attempt);
  fact.set_call_id(call.call_id);
  fact.set_business_id(call.business_id);
  fact.set_type(type);
  *fact.mutable_occurred_at() = telephony::ToProto(at);
  *fact.mutable_received_at() = telephony::ToProto(at);
  fact.set_source(events::v1::EVENT_SOURCE_GATEWAY);
  fact.set_traceparent(call.traceparent);
  return fact;
}

calls::v1::HangupCause CauseOf(calls::v1::CallErrorCode code) {
  switch (code) {
    case calls::v1::CALL_ERROR_CODE_INVALID_NUMBER:
      return calls::v1::HANGUP_CAUSE_INVALID_NUMBER;
    case calls::v1::CALL_ERROR_CODE_REJECTED:
      return calls::v1::HANGUP_CAUSE_REJECTED;
    default:
      return calls::v1::HANGUP_CAUSE_PROVIDER_ERROR;
  }
}

void Fail(const CallError& error, CallEvent* fact) {
  fact->set_status(calls::v1::CALL_STATUS_FAILED);
  *fact->mutable_error() = error;
  fact->mutable_hangup()->set_cause(CauseOf(error.code()));
  fact->mutable_hangup()->set_source(calls::v1::HANGUP_SOURCE_SYSTEM);
}

// The stamps of facts at one time follow the attempts, so that the last word on account and number is the latest's.
void TellRoute(const CallIdentity& call, const std::string& from, CallEvent* fact) {
  fact->set_sequence(call.attempt);
  calls::v1::CallDetails* details = fact->mutable_details();
  details->set_provider(call.provider);
  details->set_provider_account_id(call.provider_account_id);
  details->set_from(from);
}

}  // namespace

CallEvent RequestedFact(const CallIdentity& call, const control::v1::InitiateCallRequest& request,
                        const std::string& from, const std::string& to, absl::Time at) {
  CallEvent fact = Fact(call, "requested", events::v1::CALL_EVENT_TYPE_REQUESTED, at);
  fact.set_status(calls::v1::CALL_STATUS_INITIATED);
  calls::v1::CallDetails* details = fact.mutable_details();
  details->set_provider(call.provider);
  details->set_provider_account_id(call.provider_account_id);
  details->set_direction(calls::v1::CALL_DIRECTION_OUTBOUND);
  details->set_from(from);
  details->set_to(to);
  if (!request.campaign_id().empty()) details->set_campaign_id(request.campaign_id());
  if (!request.attempt_id().empty()) details->set_attempt_id(request.attempt_id());
  *details->mutable_tags() = request.tags();
  *details->mutable_custom_data() = request.custom_data();
  return fact;
}

CallEvent PlacedFact(const CallIdentity& call, const std::string& external_call_id, events::v1::EventSource source,
                     absl::Time at) {
  CallEvent fact = Fact(call, "placed", events::v1::CALL_EVENT_TYPE_UPDATED, at);
  // A reading of the provider's listing may be taken back and another call be the right one: another fact then.
  fact.set_event_id(telephony::EventIdOf(call.provider_account_id, "gateway",
                                         {call.call_id, OfAttempt(call, "placed"), external_call_id}));
  fact.set_source(source);
  fact.mutable_details()->set_external_call_id(external_call_id);
  return fact;
}

CallEvent RejectedFact(const CallIdentity& call, const CallError& error, absl::Time at) {
  CallEvent fact = Fact(call, "rejected", events::v1::CALL_EVENT_TYPE_DIAL_PROBLEM, at);
  Fail(error, &fact);
  return fact;
}

CallEvent AttemptFailedFact(const CallIdentity& call, const std::string& from, const CallError& error, absl::Time at) {
  CallEvent fact = Fact(call, "attempt_failed", events::v1::CALL_EVENT_TYPE_DIAL_PROBLEM, at);
  *fact.mutable_error() = error;
  TellRoute(call, from, &fact);
  return fact;
}

CallEvent NextAttemptFact(const CallIdentity& call, const std::string& from, absl::Time at) {
  CallEvent fact = Fact(call, "attempt", events::v1::CALL_EVENT_TYPE_UPDATED, at);
  TellRoute(call, from, &fact);
  return fact;
}

CallEvent InDoubtFact(const CallIdentity& call, const CallError& error, absl::Time at) {
  CallEvent fact = Fact(call, "in_doubt", events::v1::CALL_EVENT_TYPE_DIAL_PROBLEM, at);
  *fact.mutable_error() = error;
  return fact;
}

CallError NotPlacedError() {
  CallError error;
  error.set_code(calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
  error.set_message("the provider has no such call: it was not placed");
  error.set_retryable(true);
  return error;
}

CallEvent NotPlacedFact(const CallIdentity& call, absl::Time at) {
  CallEvent fact = Fact(call, "not_placed", events::v1::CALL_EVENT_TYPE_DIAL_PROBLEM, at);
  fact.set_source(events::v1::EVENT_SOURCE_RECONCILIATION);
  Fail(NotPlacedError(), &fact);
  return fact;
}

CallEvent EndRequestedFact(const CallIdentity& call, absl::Time at) {
  CallEvent fact = Fact(call, "end_requested", events::v1::CALL_EVENT_TYPE_END_REQUESTED, at);
  fact.mutable_details()->set_end_requested(true);
  return fact;
}

CallEvent ControlledFact(const CallIdentity& call, events::v1::CallEventType type, absl::Time at) {
  CallEvent fact = Fact(call, "controlled", type, at);
  // A call may be held again and again.
  fact.set_event_id(
      telephony::EventIdOf(call.provider_account_id, "gateway",
                           {call.call_id, events::v1::CallEventType_Name(type), Concat(absl::ToUnixMicros(at))}));
  switch (type) {
    case events::v1::CALL_EVENT_TYPE_HELD:
      fact.set_status(calls::v1::CALL_STATUS_ON_HOLD);
      break;
    case events::v1::CALL_EVENT_TYPE_TRANSFERRED:
      fact.set_status(calls::v1::CALL_STATUS_TRANSFERRED);
      break;
    default:
      fact.set_status(calls::v1::CALL_STATUS_ANSWERED);
  }
  return fact;
}

CallEvent RecordingFact(const CallIdentity& call, const calls::v1::Recording& recording, absl::Time at) {
  CallEvent fact = Fact(call, "recording", events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED, at);
  fact.set_event_id(telephony::EventIdOf(call.provider_account_id, "gateway",
                                         {call.call_id, "recording", recording.external_recording_id()}));
  *fact.mutable_details()->mutable_recording() = recording;
  return fact;
}

CallEvent ListedFact(const CallIdentity& call, CallEvent told, absl::Time at) {
  if (told.event_id().empty()) {
    told.set_event_id(telephony::EventIdOf(call.provider_account_id, "gateway", {call.call_id, "listed"}));
  }
  told.set_call_id(call.call_id);
  told.set_business_id(call.business_id);
  told.set_source(events::v1::EVENT_SOURCE_RECONCILIATION);
  if (!told.has_occurred_at()) *told.mutable_occurred_at() = telephony::ToProto(at);
  *told.mutable_received_at() = telephony::ToProto(at);
  told.set_traceparent(call.traceparent);
  return told;
}

webhooks::v1::RawWebhook MessageOf(const CallIdentity& call, const CallEvent& fact, absl::Time now) {
  webhooks::v1::RawWebhook message;
  message.set_webhook_id(NewUuid(now));
  message.set_provider(call.provider);
  message.set_provider_account_id(call.provider_account_id);
  message.set_business_id(call.business_id);
  message.set_call_id(call.call_id);
  message.set_event(telephony::NameOf(fact.type()));
  *message.mutable_received_at() = telephony::ToProto(now);
  message.set_traceparent(call.traceparent);
  *message.mutable_fact() = fact;
  return message;
}

}  // namespace trunkline::gateway
