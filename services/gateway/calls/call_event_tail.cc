#include "services/gateway/calls/call_event_tail.h"

#include <utility>

#include "libs/base/log.h"

namespace trunkline::gateway {

CallEventTail::CallEventTail(kafka::TailConsumerOptions options, CallEventHub& hub)
    : options_(std::move(options)),
      hub_(hub),
      status_(absl::UnavailableError("the topic of call events is not being read yet")),
      starter_("following call events", absl::Minutes(1), [this] { return Start(); }) {}

absl::Status CallEventTail::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

absl::StatusOr<bool> CallEventTail::Start() {
  if (consumer_ != nullptr) return false;
  auto consumer = kafka::TailConsumer::Start(options_, [this](const kafka::Message& message) {
    events::v1::CallEvent event;
    if (event.ParseFromArray(message.value().data(), static_cast<int>(message.value().size()))) {
      hub_.Publish(std::move(event));
    } else {
      LogWarning("a message of the call events cannot be read",
                 {{"partition", message.partition()}, {"offset", message.offset()}});
    }
  });
  const std::lock_guard lock(mutex_);
  status_ = consumer.status();
  if (!consumer.ok()) return consumer.status();
  consumer_ = *std::move(consumer);
  return false;
}

}  // namespace trunkline::gateway
