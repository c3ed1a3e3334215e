#include "libs/kafka/topics.h"

#include <algorithm>
#include <memory>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/kafka/client.h"

namespace trunkline::kafka {
namespace {

struct DestroyQueue {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
struct DestroyEvent {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct DestroyNewTopic {
  void operator()(rd_kafka_NewTopic_t* topic) const { rd_kafka_NewTopic_destroy(topic); }
};
struct DestroyOptions {
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
};
using NewTopic = std::unique_ptr<rd_kafka_NewTopic_t, DestroyNewTopic>;

NewTopic MakeNewTopic(const TopicSettings& settings, const TopicCreation& creation) {
  char error[256];
  NewTopic topic(
      rd_kafka_NewTopic_new(settings.name.c_str(), creation.partitions, creation.replication, error, sizeof error));
  rd_kafka_NewTopic_set_config(topic.get(), "cleanup.policy", settings.compacted ? "compact" : "delete");
  if (!settings.compacted) {
    rd_kafka_NewTopic_set_config(topic.get(), "retention.ms",
                                 Concat(absl::ToInt64Milliseconds(settings.retention)).c_str());
  }
  if (creation.replication > 1) rd_kafka_NewTopic_set_config(topic.get(), "min.insync.replicas", "2");
  return topic;
}

// The cluster as it is before anything is created.
struct Cluster {
  std::vector<std::string> topics;
  // librdkafka's mock cluster has no controller that could create topics; it makes a topic when it is asked about it.
  bool has_controller = false;
};

absl::StatusOr<Cluster> Describe(rd_kafka_t* handle, int milliseconds) {
  const rd_kafka_metadata_t* metadata = nullptr;
  TL_RETURN_IF_ERROR(ErrorOf(rd_kafka_metadata(handle, 1, nullptr, &metadata, milliseconds), "listing topics"));
  Cluster cluster;
  for (int i = 0; i < metadata->topic_cnt; ++i) cluster.topics.emplace_back(metadata->topics[i].topic);
  const int32_t controller = rd_kafka_controllerid(handle, milliseconds);
  for (int i = 0; i < metadata->broker_cnt; ++i) {
    if (metadata->brokers[i].id == controller) cluster.has_controller = true;
  }
  rd_kafka_metadata_destroy(metadata);
  return cluster;
}

absl::Status AskAbout(rd_kafka_t* handle, const std::string& name, int milliseconds) {
  rd_kafka_topic_t* topic = rd_kafka_topic_new(handle, name.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t error = rd_kafka_metadata(handle, 0, topic, &metadata, milliseconds);
  if (metadata != nullptr) rd_kafka_metadata_destroy(metadata);
  rd_kafka_topic_destroy(topic);
  return ErrorOf(error, Concat("creating topic ", name));
}

}  // namespace

Topics::Topics(const std::string& prefix)
    : raw_webhooks(prefix + "webhooks.raw.v1"),
      call_events(prefix + "call-events.v1"),
      calls(prefix + "calls.v1"),
      campaign_events(prefix + "campaign-events.v1"),
      call_discrepancies(prefix + "call-discrepancies.v1"),
      dead_letters(prefix + "webhooks.dead-letter.v1") {}

std::vector<TopicSettings> SettingsOf(const Topics& topics) {
  constexpr int kDay = 24;
  return {{topics.raw_webhooks, false, absl::Hours(7 * kDay)},
          {topics.call_events, false, absl::Hours(30 * kDay)},
          {topics.calls, true, absl::ZeroDuration()},
          {topics.campaign_events, false, absl::Hours(30 * kDay)},
          {topics.call_discrepancies, false, absl::Hours(90 * kDay)},
          {topics.dead_letters, false, absl::Hours(90 * kDay)}};
}

absl::StatusOr<std::vector<std::string>> CreateTopics(const TopicCreation& creation, const Topics& topics) {
  const int limit = static_cast<int>(absl::ToInt64Milliseconds(creation.limit));
  TL_ASSIGN_OR_RETURN(Conf conf, MakeConf({{"bootstrap.servers", creation.bootstrap}}));
  TL_ASSIGN_OR_RETURN(const Handle handle, MakeHandle(RD_KAFKA_PRODUCER, std::move(conf)));
  TL_ASSIGN_OR_RETURN(const Cluster cluster, Describe(handle.get(), limit));

  std::vector<NewTopic> missing;
  std::vector<rd_kafka_NewTopic_t*> raw;
  std::vector<std::string> names;
  for (const TopicSettings& settings : SettingsOf(topics)) {
    if (std::find(cluster.topics.begin(), cluster.topics.end(), settings.name) != cluster.topics.end()) continue;
    missing.push_back(MakeNewTopic(settings, creation));
    raw.push_back(missing.back().get());
    names.push_back(settings.name);
  }
  if (missing.empty()) return names;
  if (!cluster.has_controller) {
    for (const std::string& name : names) TL_RETURN_IF_ERROR(AskAbout(handle.get(), name, limit));
    return names;
  }

  const std::unique_ptr<rd_kafka_queue_t, DestroyQueue> queue(rd_kafka_queue_new(handle.get()));
  const std::unique_ptr<rd_kafka_AdminOptions_t, DestroyOptions> options(
      rd_kafka_AdminOptions_new(handle.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS));
  char error[256];
  rd_kafka_AdminOptions_set_request_timeout(options.get(), limit, error, sizeof error);
  rd_kafka_AdminOptions_set_operation_timeout(options.get(), limit, error, sizeof error);
  rd_kafka_CreateTopics(handle.get(), raw.data(), raw.size(), options.get(), queue.get());
  const std::unique_ptr<rd_kafka_event_t, DestroyEvent> event(rd_kafka_queue_poll(queue.get(), limit));
  if (event == nullptr) return absl::UnavailableError("the Kafka cluster did not create the topics in time");
  TL_RETURN_IF_ERROR(
      ErrorOf(rd_kafka_event_error(event.get()), "creating topics", rd_kafka_event_error_string(event.get())));
  size_t count = 0;
  const rd_kafka_topic_result_t** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  for (size_t i = 0; i < count; ++i) {
    const rd_kafka_resp_err_t result = rd_kafka_topic_result_error(results[i]);
    if (result == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
    TL_RETURN_IF_ERROR(
        ErrorOf(result, Concat("creating topic ", std::string_view(rd_kafka_topic_result_name(results[i])))));
  }
  return names;
}

}  // namespace trunkline::kafka
