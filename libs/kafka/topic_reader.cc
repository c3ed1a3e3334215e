#include "libs/kafka/topic_reader.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/kafka/client.h"

namespace trunkline::kafka {
namespace {

constexpr int kPollMilliseconds = 100;

absl::Status ReadPartition(rd_kafka_t* handle, const std::string& topic, int32_t partition, absl::Duration patience,
                           const std::function<void(const Message&)>& on_message) {
  int64_t low = 0;
  int64_t high = 0;
  TL_RETURN_IF_ERROR(ErrorOf(rd_kafka_query_watermark_offsets(handle, topic.c_str(), partition, &low, &high,
                                                              static_cast<int>(absl::ToInt64Milliseconds(patience))),
                             "asking for the end of a partition"));
  if (low >= high) return absl::OkStatus();
  const Partitions position(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(position.get(), topic.c_str(), partition)->offset = low;
  TL_RETURN_IF_ERROR(ErrorOf(rd_kafka_assign(handle, position.get()), "assigning a partition"));
  absl::Time deadline = absl::Now() + patience;
  while (absl::Now() < deadline) {
    rd_kafka_message_t* raw = rd_kafka_consumer_poll(handle, kPollMilliseconds);
    if (raw == nullptr) continue;
    const Message message(raw);
    // The last offsets may be marks of transactions, which never arrive as messages.
    if (raw->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return absl::OkStatus();
    if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // the library recovers, or patience ends
    if (message.offset() >= high) return absl::OkStatus();
    on_message(message);
    if (message.offset() + 1 >= high) return absl::OkStatus();
    deadline = absl::Now() + patience;
  }
  return absl::DeadlineExceededError(ToAbsl(Concat("topic ", topic, " could not be read to its end")));
}

}  // namespace

absl::Status ReadTopic(const std::string& bootstrap, const std::string& topic, absl::Duration patience,
                       const std::function<void(const Message&)>& on_message) {
  TL_ASSIGN_OR_RETURN(Conf conf, MakeConf({{"bootstrap.servers", bootstrap},
                                           {"group.id", "trunkctl"},  // wanted by the library; no group is joined
                                           {"enable.auto.commit", "false"},
                                           {"enable.auto.offset.store", "false"},
                                           {"enable.partition.eof", "true"},
                                           {"isolation.level", "read_committed"},
                                           {"fetch.wait.max.ms", "50"}}));
  TL_ASSIGN_OR_RETURN(const Handle handle, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_poll_set_consumer(handle.get());
  TL_ASSIGN_OR_RETURN(const std::vector<int32_t> partitions,
                      PartitionsOf(handle.get(), topic, static_cast<int>(absl::ToInt64Milliseconds(patience))));
  absl::Status status;
  for (size_t i = 0; status.ok() && i < partitions.size(); ++i) {
    status = ReadPartition(handle.get(), topic, partitions[i], patience, on_message);
  }
  rd_kafka_consumer_close(handle.get());
  return status;
}

}  // namespace trunkline::kafka
