// From a stored webhook to call events.
#pragma once

#include <vector>

#include "libs/providers/webhook_mapper.h"

namespace trunkline::providers::exotel {

class ExotelMapper final : public WebhookMapper {
 public:
  int Version() const override { return 1; }
  absl::StatusOr<std::vector<events::v1::CallEvent>> Map(const webhooks::v1::RawWebhook& raw) const override;
};

}  // namespace trunkline::providers::exotel
