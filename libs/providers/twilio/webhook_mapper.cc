#include "libs/providers/twilio/webhook_mapper.h"

#include <optional>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/providers/twilio/call_identity.h"
#include "libs/providers/twilio/webhook.h"
#include "libs/providers/twilio/webhook_events.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::twilio {
namespace {

std::string_view FindHeader(const webhooks::v1::HttpWebhook& http, std::string_view name) {
  for (const webhooks::v1::Header& header : http.headers()) {
    if (header.name() == name) return header.value();
  }
  return {};
}

std::optional<Webhook> Read(const webhooks::v1::RawWebhook& raw) {
  return Webhook::Read({.event = raw.event(),
                        .account_id = raw.provider_account_id(),
                        .method = raw.http().method(),
                        .url = raw.http().url(),
                        .content_type = FindHeader(raw.http(), kContentTypeHeader),
                        .body = raw.http().body(),
                        .idempotency_token = FindHeader(raw.http(), kIdempotencyHeader),
                        .received_at = telephony::FromProto(raw.received_at())});
}

Events EventsOf(const EventBuilder& builder) {
  switch (builder.webhook().kind) {
    case WebhookKind::kVoice:
    case WebhookKind::kFallback:
      return EventsOfVoice(builder);
    case WebhookKind::kStatus:
      return EventsOfStatus(builder);
    case WebhookKind::kRecording:
      return EventsOfRecording(builder);
    case WebhookKind::kMachineDetection:
      return EventsOfMachineDetection(builder);
    case WebhookKind::kGather:
      return EventsOfGather(builder);
    case WebhookKind::kPartialSpeech:
      return {};  // what was said is told at the end
    case WebhookKind::kDial:
      return EventsOfDial(builder);
    case WebhookKind::kRecord:
      return EventsOfRecordAction(builder);
    case WebhookKind::kTranscription:
      return EventsOfTranscription(builder);
    case WebhookKind::kConference:
      return EventsOfConference(builder);
    case WebhookKind::kQueue:
      return EventsOfQueue(builder);
    case WebhookKind::kWait:
      return EventsOfWait(builder);
    case WebhookKind::kStream:
      return EventsOfStream(builder);
    case WebhookKind::kRefer:
      return EventsOfRefer(builder);
  }
  return {};
}

}  // namespace

absl::StatusOr<std::vector<events::v1::CallEvent>> TwilioMapper::Map(const webhooks::v1::RawWebhook& raw) const {
  if (!raw.has_http()) return absl::InvalidArgumentError("the message holds no webhook");
  const std::optional<Webhook> webhook = Read(raw);
  if (!webhook.has_value()) return absl::InvalidArgumentError("the webhook is of no known kind");
  TL_ASSIGN_OR_RETURN(CallIdentity identity, IdentifyCall(*webhook));
  return EventsOf(EventBuilder(*webhook, std::move(identity)));
}

}  // namespace trunkline::providers::twilio
