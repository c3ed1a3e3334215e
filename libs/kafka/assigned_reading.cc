#include "libs/kafka/assigned_reading.h"

#include <utility>

#include "libs/base/status.h"

namespace trunkline::kafka {

absl::StatusOr<Handle> MakeAssignedConsumer(const std::string& bootstrap,
                                            const std::map<std::string, std::string>& more) {
  std::map<std::string, std::string> settings = more;
  // Those that are there already stay.
  settings.merge(std::map<std::string, std::string>{{"bootstrap.servers", bootstrap},
                                                    // Wanted by the library; no group is joined.
                                                    {"group.id", "none"},
                                                    {"enable.auto.commit", "false"},
                                                    {"enable.auto.offset.store", "false"},
                                                    {"check.crcs", "true"},
                                                    {"isolation.level", "read_committed"},
                                                    {"fetch.wait.max.ms", "50"}});
  TL_ASSIGN_OR_RETURN(Conf conf, MakeConf(settings));
  TL_ASSIGN_OR_RETURN(Handle handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(handle.get());
  return handle;
}

absl::Status Assign(rd_kafka_t* handle, const std::string& topic, const std::map<int32_t, int64_t>& offsets) {
  const Partitions positions(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
  for (const auto& [partition, offset] : offsets) {
    rd_kafka_topic_partition_list_add(positions.get(), topic.c_str(), partition)->offset = offset;
  }
  return ErrorOf(rd_kafka_assign(handle, positions.get()), "assigning partitions");
}

absl::StatusOr<Watermarks> WatermarksOf(rd_kafka_t* handle, const std::string& topic, int32_t partition,
                                        int milliseconds) {
  Watermarks marks;
  TL_RETURN_IF_ERROR(
      ErrorOf(rd_kafka_query_watermark_offsets(handle, topic.c_str(), partition, &marks.low, &marks.high, milliseconds),
              "asking for the end of a partition"));
  return marks;
}

}  // namespace trunkline::kafka
