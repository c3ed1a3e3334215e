#include "libs/kafka/client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::kafka {
namespace {

void WriteLog(const rd_kafka_t* /*handle*/, int level, const char* facility, const char* text) {
  constexpr int kSyslogError = 3;
  constexpr int kSyslogWarning = 4;
  if (level <= kSyslogError) {
    LogError("kafka client", {{"facility", facility}, {"text", text}});
  } else if (level == kSyslogWarning) {
    LogWarning("kafka client", {{"facility", facility}, {"text", text}});
  } else {
    LogDebug("kafka client", {{"facility", facility}, {"text", text}});
  }
}

absl::StatusCode CodeOf(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__FENCED:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
    case RD_KAFKA_RESP_ERR_PRODUCER_FENCED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      return absl::StatusCode::kFailedPrecondition;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return absl::StatusCode::kInvalidArgument;
    case RD_KAFKA_RESP_ERR__INVALID_ARG:
    case RD_KAFKA_RESP_ERR__CONFLICT:
      return absl::StatusCode::kInternal;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

}  // namespace

absl::StatusOr<Conf> MakeConf(const std::map<std::string, std::string>& settings) {
  Conf conf(rd_kafka_conf_new());
  char error[512];
  for (const auto& [name, value] : settings) {
    if (rd_kafka_conf_set(conf.get(), name.c_str(), value.c_str(), error, sizeof error) != RD_KAFKA_CONF_OK) {
      return absl::InvalidArgumentError(ToAbsl(Concat("Kafka setting: ", std::string_view(error))));
    }
  }
  rd_kafka_conf_set_log_cb(conf.get(), WriteLog);
  return conf;
}

absl::StatusOr<Handle> MakeHandle(rd_kafka_type_t type, Conf conf) {
  char error[512];
  rd_kafka_t* handle = rd_kafka_new(type, conf.get(), error, sizeof error);
  if (handle == nullptr) return absl::InvalidArgumentError(ToAbsl(Concat("Kafka client: ", std::string_view(error))));
  // librdkafka owns the configuration from here on.
  static_cast<void>(conf.release());
  return Handle(handle);
}

absl::Status ErrorOf(rd_kafka_resp_err_t error, std::string_view doing, std::string_view detail) {
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::Status(CodeOf(error), ToAbsl(Concat("Kafka, ", doing, ": ", std::string_view(rd_kafka_err2str(error)),
                                                   detail.empty() ? "" : "; ", detail)));
}

absl::Status ErrorOf(rd_kafka_error_t* error, std::string_view doing) {
  if (error == nullptr) return absl::OkStatus();
  absl::Status status = ErrorOf(rd_kafka_error_code(error), doing, rd_kafka_error_string(error));
  if (rd_kafka_error_is_fatal(error) != 0) {
    status = absl::FailedPreconditionError(status.message());
  } else if (rd_kafka_error_is_retriable(error) != 0) {
    status = absl::UnavailableError(status.message());
  }
  rd_kafka_error_destroy(error);
  return status;
}

absl::Status Produce(rd_kafka_t* handle, const OutgoingMessage& message, void* opaque) {
  rd_kafka_headers_t* headers = rd_kafka_headers_new(message.headers.size());
  for (const auto& [name, value] : message.headers) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  }
  void* payload = message.value.has_value() ? const_cast<char*>(message.value->data()) : nullptr;
  const size_t size = message.value.has_value() ? message.value->size() : 0;
  const rd_kafka_resp_err_t error =
      rd_kafka_producev(handle, RD_KAFKA_V_TOPIC(message.topic.c_str()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
                        RD_KAFKA_V_KEY(message.key.data(), message.key.size()), RD_KAFKA_V_VALUE(payload, size),
                        RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_OPAQUE(opaque), RD_KAFKA_V_END);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_headers_destroy(headers);
  return ErrorOf(error, Concat("sending to ", message.topic));
}

absl::StatusOr<std::vector<int32_t>> PartitionsOf(rd_kafka_t* handle, const std::string& topic, int milliseconds) {
  rd_kafka_topic_t* wanted = rd_kafka_topic_new(handle, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(handle, 0, wanted, &metadata, milliseconds);
  rd_kafka_topic_destroy(wanted);
  TL_RETURN_IF_ERROR(ErrorOf(error, Concat("looking for topic ", topic)));
  std::vector<int32_t> partitions;
  if (metadata->topic_cnt == 1 && metadata->topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    for (int i = 0; i < metadata->topics[0].partition_cnt; ++i)
      partitions.push_back(metadata->topics[0].partitions[i].id);
  }
  rd_kafka_metadata_destroy(metadata);
  if (partitions.empty()) return absl::UnavailableError(ToAbsl(Concat("there is no topic ", topic, " yet")));
  return partitions;
}

int64_t LagOf(rd_kafka_t* handle) {
  rd_kafka_topic_partition_list_t* list = nullptr;
  rd_kafka_assignment(handle, &list);
  const Partitions assigned(list);
  if (assigned == nullptr || rd_kafka_position(handle, assigned.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return 0;
  int64_t lag = 0;
  for (int i = 0; i < assigned->cnt; ++i) {
    const rd_kafka_topic_partition_t& partition = assigned->elems[i];
    int64_t low = 0;
    int64_t high = 0;
    rd_kafka_get_watermark_offsets(handle, partition.topic, partition.partition, &low, &high);
    if (high > 0 && partition.offset >= 0) lag += std::max<int64_t>(high - partition.offset, 0);
  }
  return lag;
}

}  // namespace trunkline::kafka
