// What the normalizer asks of a provider's adapter: which call events does a webhook tell.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "trunkline/events/v1/call_event.pb.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::providers {

class WebhookMapper {
 public:
  virtual ~WebhookMapper() = default;

  // Grows when the same webhook maps to something else than before.
  virtual int Version() const = 0;

  // A pure function: the events that the webhook, or the message of a link, tells, in order; none for a webhook that
  // tells nothing new. Each has its event_id, call_id, type, time, status and details; the normalizer adds business,
  // raw reference and versions. INVALID_ARGUMENT when the webhook can never be understood; it becomes a dead letter.
  virtual absl::StatusOr<std::vector<events::v1::CallEvent>> Map(const webhooks::v1::RawWebhook& raw) const = 0;
};

}  // namespace trunkline::providers
