#include "libs/kafka/topic_reader.h"

#include <cstdint>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/kafka/assigned_reading.h"
#include "libs/kafka/client.h"

namespace trunkline::kafka {
namespace {

int MillisecondsOf(absl::Duration patience) { return static_cast<int>(absl::ToInt64Milliseconds(patience)); }

absl::Status ReadPartition(rd_kafka_t* handle, const std::string& topic, int32_t partition, absl::Duration patience,
                           const std::function<void(const Message&)>& on_message) {
  TL_ASSIGN_OR_RETURN(const Watermarks marks, WatermarksOf(handle, topic, partition, MillisecondsOf(patience)));
  if (marks.low >= marks.high) return absl::OkStatus();
  TL_RETURN_IF_ERROR(Assign(handle, topic, {{partition, marks.low}}));
  absl::Time deadline = absl::Now() + patience;
  while (absl::Now() < deadline) {
    rd_kafka_message_t* raw = rd_kafka_consumer_poll(handle, kPollMilliseconds);
    if (raw == nullptr) continue;
    const Message message(raw);
    // The last offsets may be marks of transactions, which never arrive as messages.
    if (raw->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return absl::OkStatus();
    if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;  // the library recovers, or patience ends
    if (message.offset() >= marks.high) return absl::OkStatus();
    on_message(message);
    if (message.offset() + 1 >= marks.high) return absl::OkStatus();
    deadline = absl::Now() + patience;
  }
  return absl::DeadlineExceededError(ToAbsl(Concat("topic ", topic, " could not be read to its end")));
}

}  // namespace

absl::Status ReadTopic(const std::string& bootstrap, const std::string& topic, absl::Duration patience,
                       const std::function<void(const Message&)>& on_message) {
  TL_ASSIGN_OR_RETURN(const Handle handle, MakeAssignedConsumer(bootstrap, {{"enable.partition.eof", "true"}}));
  TL_ASSIGN_OR_RETURN(const std::vector<int32_t> partitions,
                      PartitionsOf(handle.get(), topic, MillisecondsOf(patience)));
  absl::Status status;
  for (size_t i = 0; status.ok() && i < partitions.size(); ++i) {
    status = ReadPartition(handle.get(), topic, partitions[i], patience, on_message);
  }
  rd_kafka_consumer_close(handle.get());
  return status;
}

}  // namespace trunkline::kafka
