#include "libs/kafka/positioned_consumer.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/kafka/assigned_reading.h"

namespace trunkline::kafka {

absl::StatusOr<std::unique_ptr<PositionedConsumer>> PositionedConsumer::Start(
    const PositionedConsumerOptions& options) {
  TL_ASSIGN_OR_RETURN(Handle handle, MakeAssignedConsumer(options.bootstrap, {{"auto.offset.reset", "earliest"}}));
  TL_ASSIGN_OR_RETURN(
      const std::vector<int32_t> partitions,
      PartitionsOf(handle.get(), options.topic, static_cast<int>(absl::ToInt64Milliseconds(options.start_limit))));
  std::map<int32_t, int64_t> offsets;
  for (const int32_t partition : partitions) {
    const auto known = options.positions.find(partition);
    offsets[partition] = known == options.positions.end() ? RD_KAFKA_OFFSET_BEGINNING : known->second;
  }
  TL_RETURN_IF_ERROR(Assign(handle.get(), options.topic, offsets));
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
