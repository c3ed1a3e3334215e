#include "libs/kafka/producer.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/kafka/client.h"

namespace trunkline::kafka {
namespace {

void Report(rd_kafka_t* /*handle*/, const rd_kafka_message_t* message, void* /*opaque*/) {
  const std::unique_ptr<Producer::Delivered> delivered(static_cast<Producer::Delivered*>(message->_private));
  if (delivered != nullptr && *delivered) (*delivered)(ErrorOf(message->err, "delivering"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Producer>> Producer::Start(const ProducerOptions& options) {
  TL_ASSIGN_OR_RETURN(Conf conf,
                      MakeConf({{"bootstrap.servers", options.bootstrap},
                                {"enable.idempotence", "true"},
                                {"acks", "all"},
                                {"compression.codec", "lz4"},
                                {"partitioner", "murmur2_random"},
                                {"max.in.flight.requests.per.connection", Concat(options.max_in_flight)},
                                {"linger.ms", Concat(absl::ToInt64Milliseconds(options.linger))},
                                {"batch.num.messages", "10000"},
                                {"queue.buffering.max.messages", Concat(options.max_queued_messages)},
                                {"queue.buffering.max.kbytes", Concat(options.max_queued_kilobytes)},
                                {"delivery.timeout.ms", Concat(absl::ToInt64Milliseconds(options.delivery_timeout))}}));
  rd_kafka_conf_set_dr_msg_cb(conf.get(), Report);
  TL_ASSIGN_OR_RETURN(Handle handle, MakeHandle(RD_KAFKA_PRODUCER, std::move(conf)));
  return std::unique_ptr<Producer>(new Producer(std::move(handle), options.delivery_timeout));
}

Producer::Producer(Handle handle, absl::Duration delivery_timeout)
    : handle_(std::move(handle)), delivery_timeout_(delivery_timeout), poller_([this](const std::stop_token& stop) {
        while (!stop.stop_requested()) rd_kafka_poll(handle_.get(), kPollMilliseconds);
      }) {}

Producer::~Producer() {
  static_cast<void>(Flush(delivery_timeout_));
  // What is still queued gets its report as failed, so that no caller waits for ever.
  rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  poller_.request_stop();
  poller_.join();
  rd_kafka_poll(handle_.get(), 0);
}

absl::Status Producer::Send(const OutgoingMessage& message, Delivered delivered) {
  auto opaque = std::make_unique<Delivered>(std::move(delivered));
  absl::Status status = Produce(handle_.get(), message, opaque.get());
  if (status.ok()) static_cast<void>(opaque.release());  // comes back in Report()
  return status;
}

absl::Status Producer::Flush(absl::Duration limit) {
  if (rd_kafka_flush(handle_.get(), static_cast<int>(absl::ToInt64Milliseconds(limit))) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::DeadlineExceededError(
        ToAbsl(Concat(rd_kafka_outq_len(handle_.get()), " messages are not delivered yet")));
  }
  return absl::OkStatus();
}

}  // namespace trunkline::kafka
