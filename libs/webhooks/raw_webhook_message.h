// How a RawWebhook lies in the topic of raw webhooks. webhook-ingest puts providers' webhooks there, the gateway its
// facts.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/kafka/message.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::webhooks {

// The key is the call, so that what happens to a call stays in order. Type and source tell a provider's webhook from a
// fact of the gateway. `bytes` is the webhook as it was serialized.
kafka::OutgoingMessage MessageOf(const v1::RawWebhook& webhook, std::string bytes, std::string topic);
// The same for what was serialized before. DATA_LOSS when it cannot be read.
absl::StatusOr<kafka::OutgoingMessage> MessageOfBytes(std::string bytes, std::string topic);

}  // namespace trunkline::webhooks
