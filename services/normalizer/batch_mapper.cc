#include "services/normalizer/batch_mapper.h"

#include <algorithm>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::normalizer {
namespace {

constexpr int64_t kMostAttempts = 1'000'000;

using events::v1::CallEvent;

void Refuse(MappedMessage* message, std::string_view reason, std::string_view error) {
  message->events.clear();
  message->refusal = Refusal{std::string(reason), std::string(error)};
}

// What the mapping leaves to us.
void Complete(const MappedMessage& message, CallEvent* event) {
  const webhooks::v1::RawWebhook& raw = message.raw;
  event->set_business_id(raw.business_id());
  *event->mutable_received_at() = raw.received_at();
  if (!event->has_occurred_at()) *event->mutable_occurred_at() = raw.received_at();
  event->set_mapping_version(message.mapping_version);
  event->set_traceparent(raw.traceparent());
  event->mutable_raw()->set_webhook_id(raw.webhook_id());
  event->mutable_raw()->set_topic(message.place.topic);
  event->mutable_raw()->set_partition(message.place.partition);
  event->mutable_raw()->set_offset(message.place.offset);
}

// A raw message comes from a service of ours, but maybe from one with a fault: nothing that the tables cannot hold may
// stop the partition.
std::string ProblemOf(const webhooks::v1::RawWebhook& raw) {
  if (!IsUuid(raw.webhook_id())) return "webhook_id is no UUID";
  if (!IsUuid(raw.business_id())) return "business_id is no UUID";
  if (!IsUuid(raw.provider_account_id())) return "provider_account_id is no UUID";
  if (!raw.has_received_at()) return "received_at is missing";
  return {};
}

std::string ProblemOf(const CallEvent& event) {
  if (!IsUuid(event.event_id())) return "event_id is no UUID";
  if (!IsUuid(event.call_id())) return "call_id is no UUID";
  if (event.type() == events::v1::CALL_EVENT_TYPE_UNSPECIFIED) return "type is missing";
  if (const auto& account = event.details().provider_account_id(); !account.empty() && !IsUuid(account)) {
    return "details.provider_account_id is no UUID";
  }
  if (const auto& parent = event.details().parent_call_id(); !parent.empty() && !IsUuid(parent)) {
    return "details.parent_call_id is no UUID";
  }
  return {};
}

}  // namespace

BatchMapper::BatchMapper(const providers::Registry& providers, const tracking::Registry& platforms)
    : providers_(providers), platforms_(platforms) {}

const providers::WebhookMapper* BatchMapper::FindMapper(std::string_view provider) const {
  if (const providers::Provider* found = providers_.Find(provider); found != nullptr) return &found->Mapper();
  const tracking::TrackingPlatform* platform = platforms_.Find(provider);
  return platform == nullptr ? nullptr : &platform->Mapper();
}

MappedMessage BatchMapper::Map(const kafka::Message& message) const {
  MappedMessage mapped =
      Map({std::string(message.topic()), message.partition(), message.offset()}, message.key(), message.value());
  // Read only of what fails: a header costs a search in every message.
  if (mapped.refusal.has_value()) {
    mapped.attempt =
        std::clamp<int64_t>(ParseInt(message.Header("attempt").value_or("")).value_or(1), 1, kMostAttempts);
  }
  return mapped;
}

MappedMessage BatchMapper::Map(MessagePlace place, std::string_view key, std::string_view value) const {
  MappedMessage message{.place = std::move(place), .key = std::string(key), .value = std::string(value)};
  if (!message.raw.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
    Refuse(&message, "UNREADABLE_MESSAGE", "the value is no RawWebhook");
  } else if (const std::string problem = ProblemOf(message.raw); !problem.empty()) {
    Refuse(&message, "INVALID_MESSAGE", problem);
  } else {
    MapContent(&message);
  }
  return message;
}

void BatchMapper::MapContent(MappedMessage* message) const {
  if (message->raw.has_fact()) {
    message->events.push_back(message->raw.fact());
  } else {
    const providers::WebhookMapper* mapper = FindMapper(message->raw.provider());
    if (mapper == nullptr) {
      return Refuse(message, "UNKNOWN_PROVIDER", Concat("no provider '", message->raw.provider(), "' is built in"));
    }
    message->mapping_version = mapper->Version();
    auto events = mapper->Map(message->raw);
    if (!events.ok()) return Refuse(message, "MAPPING_FAILED", ToStd(events.status().message()));
    message->events = *std::move(events);
  }
  for (CallEvent& event : message->events) {
    if (const std::string problem = ProblemOf(event); !problem.empty()) {
      return Refuse(message, "INVALID_EVENT", problem);
    }
    Complete(*message, &event);
  }
}

}  // namespace trunkline::normalizer
