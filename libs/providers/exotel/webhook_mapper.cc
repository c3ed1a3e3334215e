#include "libs/providers/exotel/webhook_mapper.h"

#include <optional>
#include <string_view>
#include <utility>

#include "libs/base/status.h"
#include "libs/providers/exotel/event_builder.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::exotel {
namespace {

std::string_view FindHeader(const webhooks::v1::HttpWebhook& http, std::string_view name) {
  for (const webhooks::v1::Header& header : http.headers()) {
    if (header.name() == name) return header.value();
  }
  return {};
}

Events EventsOf(const EventBuilder& builder) {
  switch (builder.webhook().kind) {
    case WebhookKind::kStatus:
      return EventsOfStatus(builder);
    case WebhookKind::kPassthru:
      return EventsOfPassthru(builder);
    case WebhookKind::kPopup:
      return EventsOfPopup(builder);
    case WebhookKind::kCampaignCall:
    case WebhookKind::kCampaignNumber:
      return EventsOfCampaign(builder);
    case WebhookKind::kCampaign:
      return {};
  }
  return {};
}

}  // namespace

absl::StatusOr<std::vector<events::v1::CallEvent>> ExotelMapper::Map(const webhooks::v1::RawWebhook& raw) const {
  if (!raw.has_http()) return absl::InvalidArgumentError("the message holds no webhook");
  const std::optional<Webhook> webhook = Webhook::Read({.event = raw.event(),
                                                        .account_id = raw.provider_account_id(),
                                                        .method = raw.http().method(),
                                                        .url = raw.http().url(),
                                                        .content_type = FindHeader(raw.http(), kContentTypeHeader),
                                                        .body = raw.http().body(),
                                                        .received_at = telephony::FromProto(raw.received_at())});
  if (!webhook.has_value()) return absl::InvalidArgumentError("the webhook is of no known kind");
  TL_ASSIGN_OR_RETURN(CallIdentity identity, IdentifyCall(*webhook));
  return EventsOf(EventBuilder(*webhook, std::move(identity)));
}

}  // namespace trunkline::providers::exotel
