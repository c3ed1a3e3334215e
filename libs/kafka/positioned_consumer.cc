#include "libs/kafka/positioned_consumer.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"

namespace trunkline::kafka {

absl::StatusOr<std::unique_ptr<PositionedConsumer>> PositionedConsumer::Start(
    const PositionedConsumerOptions& options) {
  TL_ASSIGN_OR_RETURN(Conf conf, MakeConf({{"bootstrap.servers", options.bootstrap},
                                           {"group.id", "positioned"},  // wanted by the library; no group is joined
                                           {"enable.auto.commit", "false"},
                                           {"enable.auto.offset.store", "false"},
                                           {"auto.offset.reset", "earliest"},
                                           {"check.crcs", "true"},
                                           {"isolation.level", "read_committed"},
                                           {"fetch.wait.max.ms", "50"}}));
  TL_ASSIGN_OR_RETURN(Handle handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(handle.get());
  TL_ASSIGN_OR_RETURN(
      const std::vector<int32_t> partitions,
      PartitionsOf(handle.get(), options.topic, static_cast<int>(absl::ToInt64Milliseconds(options.start_limit))));
  const Partitions positions(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const int32_t partition : partitions) {
    const auto known = options.positions.find(partition);
    rd_kafka_topic_partition_list_add(positions.get(), options.topic.c_str(), partition)->offset =
        known == options.positions.end() ? RD_KAFKA_OFFSET_BEGINNING : known->second;
  }
  TL_RETURN_IF_ERROR(ErrorOf(rd_kafka_assign(handle.get(), positions.get()), "assigning partitions"));
  return std::unique_ptr<PositionedConsumer>(new PositionedConsumer(std::move(handle)));
}

PositionedConsumer::~PositionedConsumer() { rd_kafka_consumer_close(handle_.get()); }

std::vector<Message> PositionedConsumer::Poll(size_t most, absl::Duration patience) {
  std::vector<Message> batch;
  int wait = static_cast<int>(absl::ToInt64Milliseconds(patience));
  while (batch.size() < most) {
    rd_kafka_message_t* raw = rd_kafka_consumer_poll(handle_.get(), wait);
    if (raw == nullptr) break;
    Message message(raw);
    if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      LogDebug("kafka positioned consumer recovers", {{"error", rd_kafka_message_errstr(raw)}});
      continue;
    }
    wait = 0;
    batch.push_back(std::move(message));
  }
  return batch;
}

}  // namespace trunkline::kafka
