#include "libs/providers/twilio/event_builder.h"

#include <algorithm>

#include "libs/base/text.h"
#include "libs/providers/twilio/errors.h"
#include "libs/providers/twilio/webhook_time.h"
#include "libs/providers/twilio/webhook_urls.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/form_digest.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::twilio {
namespace {

using calls::v1::CallDetails;
using events::v1::CallEvent;

// A number that is plausible for anything that Twilio counts; keeps sums of times in range.
constexpr int64_t kLargestNumber = 1'000'000'000;
constexpr int kSmallestSipResponse = 100;
constexpr int kLargestSipResponse = 699;

// Webhooks about something that happened carry Twilio's time of it. Those in the middle of a call do not, and what
// looks like it there was put in by the caller's device, whose parameters Twilio passes on.
bool HasTimestamp(WebhookKind kind) {
  return kind == WebhookKind::kStatus || kind == WebhookKind::kConference || kind == WebhookKind::kStream;
}

// Webhooks whose CallStatus is the news. In an action it stands beside the news, and the call often ends within the
// same second: by its time, which is in whole seconds, the end would come first and the action have the last word.
bool TellsStatus(const Webhook& webhook) {
  const bool start = webhook.kind == WebhookKind::kVoice || webhook.kind == WebhookKind::kFallback;
  return webhook.kind == WebhookKind::kStatus || (start && webhook.step.empty());
}

}  // namespace

absl::Time EventBuilder::OccurredAt(const Webhook& webhook) {
  if (HasTimestamp(webhook.kind)) return ParseTimestamp(webhook.Get("Timestamp")).value_or(webhook.received_at);
  if (webhook.kind != WebhookKind::kRecording) return webhook.received_at;
  const std::optional<absl::Time> start = ParseRfc2822(webhook.Get("RecordingStartTime"));
  if (!start.has_value()) return webhook.received_at;
  if (webhook.Get("RecordingStatus") == "in-progress") return *start;
  // Twilio counts in whole seconds: what lasted none still ended after it began.
  const std::optional<int64_t> length = ParseInt(webhook.Get("RecordingDuration"));
  return *start + absl::Seconds(std::clamp<int64_t>(length.value_or(0), 1, kLargestNumber));
}

std::string EventBuilder::EventId(events::v1::CallEventType type) const {
  const std::string kind = Concat(kProviderName, ".", telephony::NameOf(type));
  const std::string_view sid = webhook_.Get("CallSid");
  const std::string_view sequence = webhook_.Get("SequenceNumber");
  const std::string_view timestamp = webhook_.Get("Timestamp");
  if (HasTimestamp(webhook_.kind) && !sequence.empty() && !timestamp.empty()) {
    return telephony::EventIdOf(webhook_.account_id, kind,
                                {sid, webhook_.Get("ConferenceSid"), webhook_.Get("CallStatus"),
                                 webhook_.Get("StatusCallbackEvent"), sequence, timestamp});
  }
  if (!webhook_.idempotency_token.empty()) {
    return telephony::EventIdOf(webhook_.account_id, kind, {sid, "token", webhook_.idempotency_token});
  }
  return telephony::EventIdOf(webhook_.account_id, kind, {sid, "digest", telephony::DigestOfForm(webhook_.parameters)});
}

CallEvent EventBuilder::New(events::v1::CallEventType type) const {
  CallEvent event;
  event.set_event_id(EventId(type));
  event.set_call_id(identity_.call_id);
  event.set_type(type);
  event.set_source(events::v1::EVENT_SOURCE_PROVIDER);
  *event.mutable_occurred_at() = telephony::ToProto(occurred_at_);
  *event.mutable_received_at() = telephony::ToProto(webhook_.received_at);
  event.set_sequence(Number("SequenceNumber").value_or(0));

  CallDetails* details = event.mutable_details();
  details->set_provider(std::string(kProviderName));
  details->set_provider_account_id(webhook_.account_id);
  if (!identity_.external_call_id.empty()) details->set_external_call_id(identity_.external_call_id);
  if (!identity_.parent_call_id.empty()) details->set_parent_call_id(identity_.parent_call_id);
  const calls::v1::CallDirection direction = MapDirection(webhook_.Get("Direction"));
  if (direction != calls::v1::CALL_DIRECTION_UNSPECIFIED) details->set_direction(direction);
  if (const auto from = telephony::ToParty(webhook_.Get("From")); from.has_value()) details->set_from(*from);
  if (const auto to = telephony::ToParty(webhook_.Get("To")); to.has_value()) details->set_to(*to);
  if (const std::string name = Text("CallerName"); !name.empty()) details->set_caller_name(name);
  const auto forwarded = telephony::ToParty(webhook_.Get("ForwardedFrom"));
  if (forwarded.has_value()) details->set_forwarded_from(*forwarded);
  const std::string status = Text("CallStatus");
  if (TellsStatus(webhook_) && !status.empty()) details->set_provider_status(status);
  const calls::v1::AnsweredBy answered_by = MapAnsweredBy(webhook_.Get("AnsweredBy"));
  if (answered_by != calls::v1::ANSWERED_BY_UNSPECIFIED) details->set_answered_by(answered_by);
  if (const std::string conference = Text("ConferenceSid"); !conference.empty()) details->set_conference_id(conference);
  const std::optional<int64_t> sip_response = Number("SipResponseCode");
  if (sip_response >= kSmallestSipResponse && sip_response <= kLargestSipResponse) {
    details->set_sip_response_code(static_cast<int32_t>(*sip_response));
  }
  return event;
}

std::optional<MappedStatus> EventBuilder::Status() const {
  StatusContext context;
  context.inbound = webhook_.Get("Direction") == "inbound";
  context.child_leg = webhook_.child_leg || !webhook_.Get("ParentCallSid").empty();
  context.sip_response_code = static_cast<int>(Number("SipResponseCode").value_or(0));
  context.error_code = static_cast<int>(Number("ErrorCode").value_or(0));
  return MapCallStatus(webhook_.Get("CallStatus"), context);
}

std::optional<int64_t> EventBuilder::Number(std::string_view name) const {
  const std::optional<int64_t> number = ParseInt(webhook_.Get(name));
  return number.has_value() && *number >= 0 && *number <= kLargestNumber ? number : std::nullopt;
}

std::string EventBuilder::Text(std::string_view name) const { return ToStorableText(webhook_.Get(name)); }

void SetAnsweredIfInProgress(const EventBuilder& builder, CallEvent* event) {
  const bool waits = !builder.webhook().Get("QueueSid").empty() && builder.webhook().Get("QueueResult").empty();
  if (builder.webhook().Get("CallStatus") == "in-progress" && !waits) {
    event->set_status(calls::v1::CALL_STATUS_ANSWERED);
  }
}

void SetErrorIfTold(const EventBuilder& builder, CallEvent* event) {
  const int64_t code = builder.Number("ErrorCode").value_or(0);
  if (code == 0) return;
  *event->mutable_error() = ErrorOfFailedCall(static_cast<int>(code), 0, builder.webhook().Get("ErrorMessage"));
}

}  // namespace trunkline::providers::twilio
