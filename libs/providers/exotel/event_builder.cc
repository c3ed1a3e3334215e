#include "libs/providers/exotel/event_builder.h"

#include "libs/base/text.h"
#include "libs/providers/exotel/account_settings.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/form_digest.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::exotel {
namespace {

using calls::v1::CallDetails;
using events::v1::CallEvent;

// A number that is plausible for anything that Exotel counts; keeps sums of times in range.
constexpr int64_t kLargestNumber = 1'000'000'000;

}  // namespace

absl::Time EventBuilder::OccurredAt(const Webhook& webhook) {
  const auto first_of = [&](std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
      if (const auto time = ParseTime(webhook.Get(name), webhook.rules); time.has_value()) return *time;
    }
    return webhook.received_at;
  };
  switch (webhook.kind) {
    case WebhookKind::kStatus:
      return webhook.Get("EventType") == "answered" ? first_of({"DateUpdated"}) : first_of({"EndTime", "DateUpdated"});
    case WebhookKind::kPassthru:
    case WebhookKind::kPopup:
      return first_of({"CurrentTime"});
    default:
      return first_of({"date_updated", "date_created"});
  }
}

std::string EventBuilder::EventId(events::v1::CallEventType type) const {
  const std::string kind = Concat(kProviderName, ".", telephony::NameOf(type));
  if (webhook_.kind == WebhookKind::kStatus) {
    // "answered" comes once for each leg: the state of the legs is what tells the two apart.
    return telephony::EventIdOf(webhook_.account_id, kind,
                                {webhook_.Get("CallSid"), webhook_.Get("EventType"), webhook_.Get("Status"),
                                 webhook_.Get("Legs[0][Status]"), webhook_.Get("Legs[1][Status]")});
  }
  return telephony::EventIdOf(webhook_.account_id, kind,
                              {identity_.call_id, "digest", telephony::DigestOfForm(webhook_.parameters)});
}

void EventBuilder::SetParties(CallDetails* details) const {
  const auto party = [&](std::initializer_list<std::string_view> names) -> std::string {
    for (const std::string_view name : names) {
      if (auto found = PartyOf(webhook_.Get(name), webhook_.rules); found.has_value()) return *std::move(found);
    }
    return {};
  };
  std::string from;
  std::string to;
  if (webhook_.kind == WebhookKind::kStatus) {
    const bool inbound = details->direction() == calls::v1::CALL_DIRECTION_INBOUND;
    // Of two numbers the business called both: the customer sees the ExoPhone. A call to a flow has no other number
    // than From.
    from = inbound ? party({"From"}) : party({"PhoneNumberSid", "From"});
    to = inbound ? party({"To", "PhoneNumberSid"}) : party({"To", "From"});
  } else if (webhook_.kind == WebhookKind::kCampaignCall) {
    to = party({"number"});
  } else if (webhook_.kind == WebhookKind::kCampaignNumber) {
    from = party({"from"});
    to = party({"to"});
  } else if (!identity_.placed_by_us) {
    // Whoever placed the call knows better than a flow, which sees it from its own side.
    from = party({"CallFrom", "From"});
    to = party({"CallTo", "To"});
  }
  if (!from.empty()) details->set_from(from);
  if (!to.empty()) details->set_to(to);
}

CallEvent EventBuilder::New(events::v1::CallEventType type) const {
  CallEvent event;
  event.set_event_id(EventId(type));
  event.set_call_id(identity_.call_id);
  event.set_type(type);
  event.set_source(events::v1::EVENT_SOURCE_PROVIDER);
  *event.mutable_occurred_at() = telephony::ToProto(occurred_at_);
  *event.mutable_received_at() = telephony::ToProto(webhook_.received_at);

  CallDetails* details = event.mutable_details();
  details->set_provider(std::string(kProviderName));
  details->set_provider_account_id(webhook_.account_id);
  if (!identity_.external_call_id.empty()) details->set_external_call_id(identity_.external_call_id);
  const bool campaign = webhook_.kind == WebhookKind::kCampaignCall || webhook_.kind == WebhookKind::kCampaignNumber;
  const calls::v1::CallDirection direction =
      campaign || identity_.placed_by_us ? calls::v1::CALL_DIRECTION_OUTBOUND : MapDirection(webhook_.Get("Direction"));
  if (direction != calls::v1::CALL_DIRECTION_UNSPECIFIED) details->set_direction(direction);
  SetParties(details);
  const auto forwarded = PartyOf(webhook_.Get("ForwardedFrom"), webhook_.rules);
  if (forwarded.has_value()) details->set_forwarded_from(*forwarded);
  const calls::v1::AnsweredBy answered_by = MapAnsweredBy(webhook_.Get("Legs[1][AnsweredBy]"));
  if (answered_by != calls::v1::ANSWERED_BY_UNSPECIFIED) details->set_answered_by(answered_by);
  return event;
}

CallEvent EventBuilder::New(events::v1::CallEventType type, calls::v1::CallStatus status) const {
  CallEvent event = New(type);
  event.set_status(status);
  return event;
}

CallEvent EventBuilder::End(const MappedEnd& end, std::string_view provider_status) const {
  CallEvent event = New(events::v1::CALL_EVENT_TYPE_ENDED, end.status);
  *event.mutable_hangup() = end.hangup;
  if (end.status == calls::v1::CALL_STATUS_FAILED) {
    *event.mutable_error() = ErrorOfFailedCall(end.hangup, provider_status);
  }
  if (!provider_status.empty()) event.mutable_details()->set_provider_status(ToStorableText(provider_status));
  return event;
}

void EventBuilder::AddRecording(absl::Duration duration, Events* events) const {
  const std::string url = Text("RecordingUrl");
  if (url.empty()) return;
  CallEvent event = New(events::v1::CALL_EVENT_TYPE_RECORDING_CHANGED);
  calls::v1::Recording* recording = event.mutable_details()->mutable_recording();
  // A call has one recording, which has no name of its own.
  recording->set_external_recording_id(identity_.external_call_id);
  recording->set_url(url);
  recording->set_status(calls::v1::RECORDING_STATUS_READY);
  if (duration > absl::ZeroDuration()) *recording->mutable_duration() = telephony::ToProto(duration);
  events->push_back(std::move(event));
}

std::optional<int64_t> EventBuilder::Number(std::string_view name) const {
  const std::optional<int64_t> number = ParseInt(webhook_.Get(name));
  return number.has_value() && *number >= 0 && *number <= kLargestNumber ? number : std::nullopt;
}

std::string EventBuilder::Text(std::string_view name) const { return ToStorableText(webhook_.Get(name)); }

}  // namespace trunkline::providers::exotel
