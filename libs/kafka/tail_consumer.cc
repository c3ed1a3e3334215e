#include "libs/kafka/tail_consumer.h"

#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::kafka {
namespace {

constexpr int kPollMilliseconds = 100;

}  // namespace

absl::StatusOr<std::unique_ptr<TailConsumer>> TailConsumer::Start(const TailConsumerOptions& options,
                                                                  OnMessage on_message) {
  TL_ASSIGN_OR_RETURN(Conf conf, MakeConf({{"bootstrap.servers", options.bootstrap},
                                           {"group.id", "tail"},  // wanted by the library; no group is joined
                                           {"enable.auto.commit", "false"},
                                           {"enable.auto.offset.store", "false"},
                                           {"auto.offset.reset", "latest"},
                                           {"isolation.level", "read_committed"},
                                           {"fetch.wait.max.ms", "50"}}));
  TL_ASSIGN_OR_RETURN(Handle handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(handle.get());
  const int limit = static_cast<int>(absl::ToInt64Milliseconds(options.start_limit));
  TL_ASSIGN_OR_RETURN(const std::vector<int32_t> partitions, PartitionsOf(handle.get(), options.topic, limit));

  const Partitions positions(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
  for (const int32_t partition : partitions) {
    int64_t low = 0;
    int64_t high = 0;
    TL_RETURN_IF_ERROR(
        ErrorOf(rd_kafka_query_watermark_offsets(handle.get(), options.topic.c_str(), partition, &low, &high, limit),
                "asking for the end of a partition"));
    rd_kafka_topic_partition_list_add(positions.get(), options.topic.c_str(), partition)->offset = high;
  }
  TL_RETURN_IF_ERROR(ErrorOf(rd_kafka_assign(handle.get(), positions.get()), "assigning partitions"));
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
