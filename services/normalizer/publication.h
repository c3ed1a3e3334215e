// What the normalizer publishes, as Kafka messages.
#pragma once

#include "absl/time/time.h"
#include "libs/kafka/message.h"
#include "libs/kafka/topics.h"
#include "services/normalizer/batch_mapper.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/events/v1/call_event.pb.h"

namespace trunkline::normalizer {

kafka::OutgoingMessage EventMessage(const kafka::Topics& topics, const events::v1::CallEvent& event);
kafka::OutgoingMessage CallMessage(const kafka::Topics& topics, const calls::v1::CallRecord& record);
kafka::OutgoingMessage DeadLetterMessage(const kafka::Topics& topics, const MappedMessage& message, absl::Time now);

}  // namespace trunkline::normalizer
