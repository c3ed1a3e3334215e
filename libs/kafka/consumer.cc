#include "libs/kafka/consumer.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::kafka {
namespace {

int Milliseconds(absl::Duration duration) {
  return static_cast<int>(std::max<int64_t>(absl::ToInt64Milliseconds(duration), 0));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Consumer>> Consumer::Start(const ConsumerOptions& options) {
  std::map<std::string, std::string> settings = {
      {"bootstrap.servers", options.bootstrap},
      {"group.id", options.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      {"auto.offset.reset", "earliest"},
      {"partition.assignment.strategy", "range,roundrobin"},
      {"check.crcs", "true"},
      {"isolation.level", "read_committed"},
      {"fetch.wait.max.ms", "50"},
      {"queued.min.messages", "20000"},
      {"session.timeout.ms", Concat(Milliseconds(options.session_timeout))},
      {"max.poll.interval.ms", Concat(Milliseconds(options.max_poll_interval))}};
  if (!options.group_instance_id.empty()) settings["group.instance.id"] = options.group_instance_id;
  TL_ASSIGN_OR_RETURN(Conf conf, MakeConf(settings));
  std::unique_ptr<Consumer> consumer(new Consumer(options.before_revocation));
  rd_kafka_conf_set_rebalance_cb(conf.get(), Rebalance);
  rd_kafka_conf_set_opaque(conf.get(), consumer->membership_.get());
  TL_ASSIGN_OR_RETURN(consumer->handle_, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_t* handle = consumer->handle_.get();
  rd_kafka_poll_set_consumer(handle);
  const Partitions topics(rd_kafka_topic_partition_list_new(static_cast<int>(options.topics.size())));
  for (const std::string& topic : options.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  TL_RETURN_IF_ERROR(ErrorOf(rd_kafka_subscribe(handle, topics.get()), "subscribing"));
  return consumer;
}

Consumer::Consumer(std::function<void()> before_revocation)
    : membership_(std::make_unique<Membership>(Membership{.before_revocation = std::move(before_revocation)})) {}

// Inside Poll(), and when the consumer is closed.
void Consumer::Rebalance(rd_kafka_t* handle, rd_kafka_resp_err_t change, rd_kafka_topic_partition_list_t* partitions,
                         void* opaque) {
  auto& membership = *static_cast<Membership*>(opaque);
  if (change == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    rd_kafka_assign(handle, partitions);
    membership.assigned = true;
    return;
  }
  membership.assigned = false;
  if (membership.before_revocation) membership.before_revocation();
  rd_kafka_assign(handle, nullptr);
}

Consumer::~Consumer() {
  if (handle_ != nullptr) rd_kafka_consumer_close(handle_.get());
}

absl::StatusOr<std::vector<Message>> Consumer::Poll(size_t most, absl::Duration patience, absl::Duration linger) {
  std::vector<Message> batch;
  absl::Time deadline = absl::Now() + patience;
  while (batch.size() < most) {
    // What is there already is taken without a look at the clock, which costs as much.
    rd_kafka_message_t* raw = rd_kafka_consumer_poll(handle_.get(), 0);
    if (raw == nullptr) raw = rd_kafka_consumer_poll(handle_.get(), Milliseconds(deadline - absl::Now()));
    if (raw == nullptr) break;
    Message message(raw);
    if (raw->err == RD_KAFKA_RESP_ERR__FATAL || raw->err == RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED) {
      return absl::FailedPreconditionError(
          ToAbsl(Concat("Kafka consumer: ", std::string_view(rd_kafka_message_errstr(raw)))));
    }
    if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      LogDebug("kafka consumer recovers", {{"error", rd_kafka_message_errstr(raw)}});
      continue;
    }
    if (batch.empty()) deadline = absl::Now() + linger;
    batch.push_back(std::move(message));
  }
  return batch;
}

absl::Status Consumer::Commit(const std::vector<Message>& messages) {
  std::map<std::pair<std::string, int32_t>, int64_t> next;
  for (const Message& message : messages) {
    int64_t& offset = next[{std::string(message.topic()), message.partition()}];
    offset = std::max(offset, message.offset() + 1);
  }
  if (next.empty()) return absl::OkStatus();
  const Partitions offsets(rd_kafka_topic_partition_list_new(static_cast<int>(next.size())));
  for (const auto& [partition, offset] : next) {
    rd_kafka_topic_partition_list_add(offsets.get(), partition.first.c_str(), partition.second)->offset = offset;
  }
  return ErrorOf(rd_kafka_commit(handle_.get(), offsets.get(), /*async=*/0), "committing offsets");
}

}  // namespace trunkline::kafka
