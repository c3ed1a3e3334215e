// From Kafka messages to call events. Pure: no database, no clock.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/kafka/message.h"
#include "libs/providers/registry.h"
#include "libs/tracking/registry.h"
#include "trunkline/events/v1/call_event.pb.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::normalizer {

// Where a message lies in Kafka.
struct MessagePlace {
  std::string topic;
  int32_t partition = 0;
  int64_t offset = 0;

  bool operator==(const MessagePlace&) const = default;
};

// Why a message became a dead letter: reason is one of the names in docs/events.md.
struct Refusal {
  std::string reason;
  std::string error;
};

// A message and what it says.
struct MappedMessage {
  MessagePlace place;
  std::string key;
  std::string value;  // the raw bytes, for the dead letter
  webhooks::v1::RawWebhook raw;
  std::vector<events::v1::CallEvent> events;
  int mapping_version = 0;
  int64_t attempt = 1;  // which try this is: a dead letter that is replayed counts on
  // What the processing of the batch found out.
  bool is_shadow = false;    // it is for comparison only
  std::string_view outcome;  // as in webhook_logs
  // Set: the message as a whole can never be processed, and `events` is empty.
  std::optional<Refusal> refusal;
};

class BatchMapper {
 public:
  // The registries outlive the mapper.
  BatchMapper(const providers::Registry& providers, const tracking::Registry& platforms);

  // Every event comes out with its ids checked, business, raw reference, version and trace filled in.
  MappedMessage Map(const kafka::Message& message) const;
  MappedMessage Map(MessagePlace place, std::string_view key, std::string_view value) const;

 private:
  void MapContent(MappedMessage* message) const;
  // Of a provider or a call-tracking platform; null when neither has this name.
  const providers::WebhookMapper* FindMapper(std::string_view provider) const;

  const providers::Registry& providers_;
  const tracking::Registry& platforms_;
};

}  // namespace trunkline::normalizer
