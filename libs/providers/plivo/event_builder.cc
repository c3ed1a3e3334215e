#include "libs/providers/plivo/event_builder.h"

#include "libs/base/text.h"
#include "libs/providers/plivo/party.h"
#include "libs/providers/plivo/status_mapping.h"
#include "libs/providers/plivo/webhook_urls.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/form_digest.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::plivo {
namespace {

using calls::v1::CallDetails;
using events::v1::CallEvent;

// A number that is plausible for anything that Plivo counts; keeps sums of times in range.
constexpr int64_t kLargestNumber = 1'000'000'000;

// A call begins to ring, is answered and ends once: what else stands in the webhook does not matter.
bool HappensOnce(WebhookKind kind) {
  return kind == WebhookKind::kRing || kind == WebhookKind::kHangup || kind == WebhookKind::kMachineDetection;
}

}  // namespace

std::string EventBuilder::EventId(events::v1::CallEventType type) const {
  const std::string kind = Concat(kProviderName, ".", telephony::NameOf(type));
  if (HappensOnce(webhook_.kind) && !identity_.external_call_id.empty()) {
    return telephony::EventIdOf(webhook_.account_id, kind, {identity_.external_call_id, webhook_.Get("Event")});
  }
  // Plivo numbers nothing, and its nonce changes on every try.
  return telephony::EventIdOf(webhook_.account_id, kind,
                              {identity_.external_call_id, "digest", telephony::DigestOfForm(webhook_.parameters),
                               webhook_.step, webhook_.turn});
}

CallEvent EventBuilder::New(events::v1::CallEventType type, std::optional<absl::Time> occurred_at) const {
  CallEvent event;
  event.set_event_id(EventId(type));
  event.set_call_id(identity_.call_id);
  event.set_type(type);
  event.set_source(events::v1::EVENT_SOURCE_PROVIDER);
  *event.mutable_occurred_at() = telephony::ToProto(occurred_at.value_or(webhook_.received_at));
  *event.mutable_received_at() = telephony::ToProto(webhook_.received_at);

  CallDetails* details = event.mutable_details();
  details->set_provider(std::string(kProviderName));
  details->set_provider_account_id(webhook_.account_id);
  if (!identity_.external_call_id.empty()) details->set_external_call_id(identity_.external_call_id);
  if (!identity_.parent_call_id.empty()) details->set_parent_call_id(identity_.parent_call_id);
  if (identity_.is_dialed_leg) {
    // Everything else in the webhook is about the call that dialled.
    details->set_direction(calls::v1::CALL_DIRECTION_OUTBOUND);
    if (const auto from = PartyOf(webhook_.Get("DialBLegFrom")); from.has_value()) details->set_from(*from);
    if (const auto to = PartyOf(webhook_.Get("DialBLegTo")); to.has_value()) details->set_to(*to);
    return event;
  }
  const calls::v1::CallDirection direction = MapDirection(webhook_.Get("Direction"));
  if (direction != calls::v1::CALL_DIRECTION_UNSPECIFIED) details->set_direction(direction);
  if (const auto from = PartyOf(webhook_.Get("From")); from.has_value()) details->set_from(*from);
  if (const auto to = PartyOf(webhook_.Get("To")); to.has_value()) details->set_to(*to);
  // Plivo puts the number there when it knows no name.
  const std::string name = Text("CallerName");
  if (!name.empty() && PartyOf(name) != PartyOf(webhook_.Get("From"))) details->set_caller_name(name);
  const auto forwarded = PartyOf(webhook_.Get("ForwardedFrom"));
  if (forwarded.has_value()) details->set_forwarded_from(*forwarded);
  return event;
}

std::optional<int64_t> EventBuilder::Number(std::string_view name) const {
  const std::optional<int64_t> number = ParseInt(webhook_.Get(name));
  return number.has_value() && *number >= 0 && *number <= kLargestNumber ? number : std::nullopt;
}

std::string EventBuilder::Text(std::string_view name) const { return ToStorableText(webhook_.Get(name)); }

void SetAnsweredIfInProgress(const EventBuilder& builder, CallEvent* event) {
  if (builder.webhook().Get("CallStatus") == "in-progress") event->set_status(calls::v1::CALL_STATUS_ANSWERED);
}

}  // namespace trunkline::providers::plivo
