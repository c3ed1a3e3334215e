// How a discrepancy lies in its topic.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/kafka/message.h"

namespace trunkline::tracking_sync {

// The key is the discrepancy, so that its versions stay in order. `bytes` is a CallDiscrepancy, serialized; DATA_LOSS
// when it cannot be read.
absl::StatusOr<kafka::OutgoingMessage> DiscrepancyMessage(std::string bytes, std::string topic);

}  // namespace trunkline::tracking_sync
