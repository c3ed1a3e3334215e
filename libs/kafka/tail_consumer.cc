#include "libs/kafka/tail_consumer.h"

#include <map>
#include <utility>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/kafka/assigned_reading.h"
#include "libs/kafka/client.h"

namespace trunkline::kafka {

absl::StatusOr<std::unique_ptr<TailConsumer>> TailConsumer::Start(const TailConsumerOptions& options,
                                                                  OnMessage on_message) {
  TL_ASSIGN_OR_RETURN(Handle handle, MakeAssignedConsumer(options.bootstrap, {{"auto.offset.reset", "latest"}}));
  const int limit = static_cast<int>(absl::ToInt64Milliseconds(options.start_limit));
  TL_ASSIGN_OR_RETURN(const std::vector<int32_t> partitions, PartitionsOf(handle.get(), options.topic, limit));
  std::map<int32_t, int64_t> ends;
  for (const int32_t partition : partitions) {
    TL_ASSIGN_OR_RETURN(const Watermarks marks, WatermarksOf(handle.get(), options.topic, partition, limit));
    ends[partition] = marks.high;
  }
  TL_RETURN_IF_ERROR(Assign(handle.get(), options.topic, ends));
  return std::unique_ptr<TailConsumer>(new TailConsumer(std::move(handle), std::move(on_message)));
}

TailConsumer::TailConsumer(Handle handle, OnMessage on_message)
    : handle_(std::move(handle)), reader_([this, deliver = std::move(on_message)](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
          rd_kafka_message_t* raw = rd_kafka_consumer_poll(handle_.get(), kPollMilliseconds);
          if (raw == nullptr) continue;
          const Message message(raw);
          if (raw->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
            deliver(message);
          } else {
            LogDebug("kafka tail consumer recovers", {{"error", rd_kafka_message_errstr(raw)}});
          }
        }
      }) {}

TailConsumer::~TailConsumer() {
  reader_.request_stop();
  reader_.join();
  rd_kafka_consumer_close(handle_.get());
}

}  // namespace trunkline::kafka
