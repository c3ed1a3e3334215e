// Reads a topic from its beginning to what is its end when the reading begins, outside of any consumer group.
#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/kafka/message.h"

namespace trunkline::kafka {

// Partition by partition, committed messages only. UNAVAILABLE when the topic is not there or cannot be read;
// DEADLINE_EXCEEDED when nothing came for `patience`.
absl::Status ReadTopic(const std::string& bootstrap, const std::string& topic, absl::Duration patience,
                       const std::function<void(const Message&)>& on_message);

}  // namespace trunkline::kafka
