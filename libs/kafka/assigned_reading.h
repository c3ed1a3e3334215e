// Reading without a consumer group: the reader says itself from where on, and nothing is committed to Kafka. Internal
// to libs/kafka.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/kafka/client.h"

namespace trunkline::kafka {

// A consumer of committed messages to which nothing is assigned yet. `more` adds to its settings, or replaces them.
absl::StatusOr<Handle> MakeAssignedConsumer(const std::string& bootstrap,
                                            const std::map<std::string, std::string>& more = {});

// From now on the consumer reads these partitions of the topic, each from its offset on, which may be
// RD_KAFKA_OFFSET_BEGINNING.
absl::Status Assign(rd_kafka_t* handle, const std::string& topic, const std::map<int32_t, int64_t>& offsets);

// What a partition holds: from `low` up to, but not with, `high`.
struct Watermarks {
  int64_t low = 0;
  int64_t high = 0;
};
// UNAVAILABLE when the broker does not tell in time.
absl::StatusOr<Watermarks> WatermarksOf(rd_kafka_t* handle, const std::string& topic, int32_t partition,
                                        int milliseconds);

}  // namespace trunkline::kafka
