#include "libs/providers/sip/webhook_mapper.h"

#include "libs/base/status.h"
#include "libs/providers/sip/link_events.h"
#include "libs/providers/sip/pbx_webhook.h"
#include "libs/providers/sip/webhook_events.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::sip {

absl::StatusOr<std::vector<events::v1::CallEvent>> SipMapper::Map(const webhooks::v1::RawWebhook& raw) const {
  if (raw.has_link()) return EventsOfLinkMessage(raw);
  if (!raw.has_http()) return absl::InvalidArgumentError("the message holds neither webhook nor link message");
  std::string_view content_type;
  for (const webhooks::v1::Header& header : raw.http().headers()) {
    if (header.name() == "content-type") content_type = header.value();
  }
  TL_ASSIGN_OR_RETURN(const PbxWebhook webhook, PbxWebhook::Read(content_type, raw.http().body()));
  return EventsOfWebhook(webhook, raw.provider_account_id(), telephony::FromProto(raw.received_at()),
                         raw.http().body());
}

}  // namespace trunkline::providers::sip
