// How a campaign event lies in its topic.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/kafka/message.h"

namespace trunkline::scheduler {

// The key is the campaign, so that what happens to a campaign stays in order. `bytes` is a CampaignEvent, serialized;
// DATA_LOSS when it cannot be read.
absl::StatusOr<kafka::OutgoingMessage> EventMessage(std::string bytes, std::string topic);

}  // namespace trunkline::scheduler
