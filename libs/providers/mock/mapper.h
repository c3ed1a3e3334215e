// News of the made-up exchange as call events. The exchange speaks the JSON form of CallEvent, with the call's id,
// type, sequence, time and details; what the event says of its origin is set here.
#pragma once

#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

class Mapper final : public WebhookMapper {
 public:
  int Version() const override { return 1; }
  absl::StatusOr<std::vector<events::v1::CallEvent>> Map(const webhooks::v1::RawWebhook& raw) const override;
};

}  // namespace trunkline::providers::mock
