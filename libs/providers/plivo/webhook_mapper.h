// What a stored webhook tells, as call events. A pure function of the raw message; see webhook_events.h for each kind.
#pragma once

#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

class PlivoMapper final : public WebhookMapper {
 public:
  int Version() const override { return 2; }
  absl::StatusOr<std::vector<events::v1::CallEvent>> Map(const webhooks::v1::RawWebhook& raw) const override;
};

}  // namespace trunkline::providers::plivo
