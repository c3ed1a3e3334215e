// What a message of a link (link_events.h) or an HTTP webhook (webhook_events.h) tells. A pure function of the message.
#pragma once

#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers::sip {

class SipMapper final : public WebhookMapper {
 public:
  int Version() const override { return 1; }
  absl::StatusOr<std::vector<events::v1::CallEvent>> Map(const webhooks::v1::RawWebhook& raw) const override;
};

}  // namespace trunkline::providers::sip
