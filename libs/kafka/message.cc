#include "libs/kafka/message.h"

#include <librdkafka/rdkafka.h>

#include "libs/base/log.h"

namespace trunkline::kafka {

void Message::Destroy::operator()(rd_kafka_message_s* message) const { rd_kafka_message_destroy(message); }

Message::Message(rd_kafka_message_s* message) : message_(message) {}

std::string_view Message::topic() const { return rd_kafka_topic_name(message_->rkt); }
int32_t Message::partition() const { return message_->partition; }
int64_t Message::offset() const { return message_->offset; }
std::string_view Message::key() const { return {static_cast<const char*>(message_->key), message_->key_len}; }
std::string_view Message::value() const { return {static_cast<const char*>(message_->payload), message_->len}; }
absl::Time Message::timestamp() const {
  return absl::FromUnixMillis(rd_kafka_message_timestamp(message_.get(), nullptr));
}

std::optional<std::string_view> Message::Header(std::string_view name) const {
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(message_.get(), &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  const char* key = nullptr;
  const void* value = nullptr;
  size_t size = 0;
  for (size_t i = 0; rd_kafka_header_get_all(headers, i, &key, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    if (name == key) return std::string_view(static_cast<const char*>(value), size);
  }
  return std::nullopt;
}

void LogUnreadable(const Message& message) {
  LogWarning("a message cannot be read, and is passed over",
             {{"topic", message.topic()}, {"partition", message.partition()}, {"offset", message.offset()}});
}

}  // namespace trunkline::kafka
