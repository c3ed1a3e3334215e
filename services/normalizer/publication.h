// What the normalizer publishes, as Kafka messages.
#pragma once

#include "absl/time/time.h"
#include "libs/kafka/message.h"
#include "libs/kafka/topics.h"
#include "services/normalizer/batch_mapper.h"
#include "services/normalizer/batch_processor.h"

namespace trunkline::normalizer {

// The event with the call in its field `call`.
kafka::OutgoingMessage EventMessage(const kafka::Topics& topics, const ProcessedEvent& event,
                                    const ProcessedCall& call);
kafka::OutgoingMessage CallMessage(const kafka::Topics& topics, const ProcessedCall& call);
kafka::OutgoingMessage DeadLetterMessage(const kafka::Topics& topics, const MappedMessage& message, absl::Time now);

}  // namespace trunkline::normalizer
