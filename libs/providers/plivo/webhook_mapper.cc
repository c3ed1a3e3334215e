#include "libs/providers/plivo/webhook_mapper.h"

#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/providers/plivo/call_identity.h"
#include "libs/providers/plivo/webhook.h"
#include "libs/providers/plivo/webhook_events.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::plivo {
namespace {

Events EventsOf(const EventBuilder& builder) {
  switch (builder.webhook().kind) {
    case WebhookKind::kAnswer:
    case WebhookKind::kFallback:
      return EventsOfAnswer(builder);
    case WebhookKind::kRing:
      return EventsOfRing(builder);
    case WebhookKind::kHangup:
      return EventsOfHangup(builder);
    case WebhookKind::kMachineDetection:
      return EventsOfMachineDetection(builder);
    case WebhookKind::kGather:
      return EventsOfGather(builder);
    case WebhookKind::kDial:
      return EventsOfDial(builder);
    case WebhookKind::kDialEvents:
      return EventsOfDialedLeg(builder);
    case WebhookKind::kRecord:
      return EventsOfRecordAction(builder);
    case WebhookKind::kRecording:
      return EventsOfRecording(builder);
    case WebhookKind::kTranscription:
      return EventsOfTranscription(builder);
    case WebhookKind::kConference:
      return EventsOfConference(builder);
    case WebhookKind::kMultiPartyCall:
      return EventsOfMultiPartyCall(builder);
    case WebhookKind::kStream:
      return EventsOfStream(builder);
    case WebhookKind::kWait:
      return {};  // asked again and again; that the caller waits was told when it entered the room
  }
  return {};
}

}  // namespace

absl::StatusOr<std::vector<events::v1::CallEvent>> PlivoMapper::Map(const webhooks::v1::RawWebhook& raw) const {
  if (!raw.has_http()) return absl::InvalidArgumentError("the message holds no webhook");
  const std::optional<Webhook> webhook = Webhook::Read({.event = raw.event(),
                                                        .account_id = raw.provider_account_id(),
                                                        .method = raw.http().method(),
                                                        .url = raw.http().url(),
                                                        .body = raw.http().body(),
                                                        .received_at = telephony::FromProto(raw.received_at())});
  if (!webhook.has_value()) return absl::InvalidArgumentError("the webhook is of no known kind");
  TL_ASSIGN_OR_RETURN(CallIdentity identity, IdentifyCall(*webhook));
  return EventsOf(EventBuilder(*webhook, std::move(identity)));
}

}  // namespace trunkline::providers::plivo
