#include "services/gateway/calls/call_event_tail.h"

#include <optional>
#include <utility>

#include "libs/base/status.h"

namespace trunkline::gateway {

CallEventTail::CallEventTail(kafka::TailConsumerOptions options, CallEventHub& hub)
    : options_(std::move(options)),
      hub_(hub),
      starter_("following call events", absl::Minutes(1), [this] { return Start(); }) {}

absl::StatusOr<bool> CallEventTail::Start() {
  if (consumer_ != nullptr) return false;
  TL_ASSIGN_OR_RETURN(consumer_, kafka::TailConsumer::Start(options_, [this](const kafka::Message& message) {
                        if (auto event = kafka::ParseValue<events::v1::CallEvent>(message)) {
                          hub_.Publish(*std::move(event));
                        }
                      }));
  return false;
}

}  // namespace trunkline::gateway
