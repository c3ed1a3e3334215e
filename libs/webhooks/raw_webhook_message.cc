#include "libs/webhooks/raw_webhook_message.h"

#include <utility>

#include "libs/base/text.h"
#include "libs/kafka/cloud_event.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::webhooks {

kafka::OutgoingMessage MessageOf(const v1::RawWebhook& webhook, std::string bytes, std::string topic) {
  const bool is_fact = webhook.has_fact();
  return {.topic = std::move(topic),
          .key = webhook.call_id(),
          .value = std::move(bytes),
          .headers =
              kafka::ToHeaders({.id = webhook.webhook_id(),
                                .type = is_fact ? "trunkline.call.fact" : Concat("trunkline.webhook.", webhook.event()),
                                .source = is_fact ? "/trunkline/gateway" : "/trunkline/webhook-ingest",
                                .subject = webhook.call_id(),
                                .time = telephony::FromProto(webhook.received_at()),
                                .data_schema = "trunkline.webhooks.v1.RawWebhook",
                                .business_id = webhook.business_id(),
                                .traceparent = webhook.traceparent()})};
}

absl::StatusOr<kafka::OutgoingMessage> MessageOfBytes(std::string bytes, std::string topic) {
  v1::RawWebhook webhook;
  if (!webhook.ParseFromString(bytes)) return absl::DataLossError("a webhook or fact cannot be read");
  return MessageOf(webhook, std::move(bytes), std::move(topic));
}

}  // namespace trunkline::webhooks
