#include "libs/kafka/transactional_producer.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::kafka {

absl::StatusOr<std::unique_ptr<TransactionalProducer>> TransactionalProducer::Start(
    const TransactionalProducerOptions& options) {
  const int timeout = static_cast<int>(absl::ToInt64Milliseconds(options.timeout));
  // The end of a transaction sends what waits, so linger.ms costs no time, and every request is as large as it can be:
  // many small ones cost the broker more than the messages do. With the default retry.backoff.ms of 100 every small
  // transaction waits 100 ms for the markers of the one before.
  TL_ASSIGN_OR_RETURN(Conf conf, MakeConf({{"bootstrap.servers", options.bootstrap},
                                           {"transactional.id", options.transactional_id},
                                           {"transaction.timeout.ms", Concat(2 * timeout)},
                                           {"acks", "all"},
                                           {"compression.codec", "lz4"},
                                           {"partitioner", "murmur2_random"},
                                           {"linger.ms", "100"},
                                           {"batch.num.messages", "10000"},
                                           {"retry.backoff.ms", "3"},
                                           {"queue.buffering.max.messages", "500000"}}));
  TL_ASSIGN_OR_RETURN(Handle handle, MakeHandle(RD_KAFKA_PRODUCER, std::move(conf)));
  TL_RETURN_IF_ERROR(ErrorOf(rd_kafka_init_transactions(handle.get(), timeout), "beginning as transactional producer"));
  return std::unique_ptr<TransactionalProducer>(
      new TransactionalProducer(std::move(handle), timeout, options.commit_offsets_again));
}

TransactionalProducer::TransactionalProducer(Handle handle, int timeout_milliseconds, bool commit_offsets_again)
    : handle_(std::move(handle)),
      timeout_milliseconds_(timeout_milliseconds),
      commit_offsets_again_(commit_offsets_again) {}

absl::Status TransactionalProducer::Begin() {
  return ErrorOf(rd_kafka_begin_transaction(handle_.get()), "beginning a transaction");
}

absl::Status TransactionalProducer::Send(const OutgoingMessage& message) {
  absl::Status status = Produce(handle_.get(), message, nullptr);
  // The local queue is full: let some of it go out.
  while (absl::IsUnavailable(status) && rd_kafka_outq_len(handle_.get()) > 0) {
    if (rd_kafka_flush(handle_.get(), timeout_milliseconds_) != RD_KAFKA_RESP_ERR_NO_ERROR) return status;
    status = Produce(handle_.get(), message, nullptr);
  }
  return status;
}

absl::Status TransactionalProducer::Commit(const Consumer& consumer, const std::vector<Message>& consumed) {
  std::map<std::pair<std::string_view, int32_t>, int64_t> next;
  for (const Message& message : consumed) {
    int64_t& offset = next[{message.topic(), message.partition()}];
    offset = std::max(offset, message.offset() + 1);
  }
  rd_kafka_topic_partition_list_t* offsets = rd_kafka_topic_partition_list_new(static_cast<int>(next.size()));
  for (const auto& [place, offset] : next) {
    rd_kafka_topic_partition_list_add(offsets, std::string(place.first).c_str(), place.second)->offset = offset;
  }
  rd_kafka_consumer_group_metadata_t* group = rd_kafka_consumer_group_metadata(consumer.raw());
  absl::Status status = ErrorOf(
      rd_kafka_send_offsets_to_transaction(handle_.get(), offsets, group, timeout_milliseconds_), "sending offsets");
  rd_kafka_consumer_group_metadata_destroy(group);
  if (status.ok()) {
    status = ErrorOf(rd_kafka_commit_transaction(handle_.get(), timeout_milliseconds_), "committing a transaction");
  }
  if (status.ok() && commit_offsets_again_ && offsets->cnt > 0) {
    status = ErrorOf(rd_kafka_commit(consumer.raw(), offsets, /*async=*/0), "committing offsets");
  }
  rd_kafka_topic_partition_list_destroy(offsets);
  return status;
}

}  // namespace trunkline::kafka
