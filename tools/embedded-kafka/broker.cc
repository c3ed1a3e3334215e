#include "tools/embedded-kafka/broker.h"

#include <array>

#include "libs/base/log.h"
#include "libs/base/text.h"

namespace trunkline {
namespace {

constexpr int kSyslogError = 3;
constexpr int kSyslogWarning = 4;

void WriteLog(const rd_kafka_t* /*handle*/, int level, const char* facility, const char* text) {
  if (level <= kSyslogError) {
    LogError("librdkafka", {{"facility", facility}, {"text", text}});
  } else if (level == kSyslogWarning) {
    LogWarning("librdkafka", {{"facility", facility}, {"text", text}});
  } else {
    LogDebug("librdkafka", {{"facility", facility}, {"text", text}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::Start(int brokers) {
  rd_kafka_conf_t* settings = rd_kafka_conf_new();
  rd_kafka_conf_set_log_cb(settings, WriteLog);
  std::array<char, 512> error{};
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, settings, error.data(), error.size());
  if (handle == nullptr) {
    rd_kafka_conf_destroy(settings);
    return absl::InternalError(error.data());
  }
  rd_kafka_mock_cluster_t* cluster = rd_kafka_mock_cluster_new(handle, brokers);
  if (cluster == nullptr) {
    rd_kafka_destroy(handle);
    return absl::UnavailableError("the broker cannot listen; its port may be in use (the lines above say more)");
  }
  return std::unique_ptr<EmbeddedBroker>(new EmbeddedBroker(handle, cluster));
}

EmbeddedBroker::EmbeddedBroker(rd_kafka_t* handle, rd_kafka_mock_cluster_t* cluster)
    : handle_(handle), cluster_(cluster) {}

EmbeddedBroker::~EmbeddedBroker() {
  rd_kafka_mock_cluster_destroy(cluster_);
  rd_kafka_destroy(handle_);
}

absl::Status EmbeddedBroker::CreateTopic(const EmbeddedTopic& topic) {
  const rd_kafka_resp_err_t error =
      rd_kafka_mock_topic_create(cluster_, topic.name.c_str(), topic.partitions, /*replication_factor=*/1);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  return absl::InternalError(Concat("topic ", topic.name, ": ", rd_kafka_err2str(error)));
}

std::string EmbeddedBroker::Bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

}  // namespace trunkline
