// What all Kafka clients share: settings, the handle, errors. Internal to libs/kafka.
#pragma once

#include <librdkafka/rdkafka.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/kafka/message.h"

namespace trunkline::kafka {

// How long a thread waits in librdkafka before it looks whether it is to end.
inline constexpr int kPollMilliseconds = 100;

struct DestroyHandle {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
using Handle = std::unique_ptr<rd_kafka_t, DestroyHandle>;

struct DestroyPartitions {
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
};
using Partitions = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyPartitions>;

struct DestroyConf {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, DestroyConf>;

// A configuration with librdkafka's log lines going into ours. INVALID_ARGUMENT names the setting that is wrong.
absl::StatusOr<Conf> MakeConf(const std::map<std::string, std::string>& settings);

absl::StatusOr<Handle> MakeHandle(rd_kafka_type_t type, Conf conf);

// UNAVAILABLE for what may pass (broker away, queue full ...), FAILED_PRECONDITION for a fatal or fenced client, which
// must be thrown away, INVALID_ARGUMENT for a message that can never be sent, INTERNAL for the rest.
absl::Status ErrorOf(rd_kafka_resp_err_t error, std::string_view doing, std::string_view detail = {});
// Takes the error object and frees it; OK for null.
absl::Status ErrorOf(rd_kafka_error_t* error, std::string_view doing);

// The partitions of a topic. UNAVAILABLE when there is none yet, or nobody tells in time.
absl::StatusOr<std::vector<int32_t>> PartitionsOf(rd_kafka_t* handle, const std::string& topic, int milliseconds);

// How many messages of the assigned partitions are not read yet, as far as the client knows.
int64_t LagOf(rd_kafka_t* handle);

// Hands a message to librdkafka, which copies it; `opaque` comes back with the delivery report.
absl::Status Produce(rd_kafka_t* handle, const OutgoingMessage& message, void* opaque);

}  // namespace trunkline::kafka
