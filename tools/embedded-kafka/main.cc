// A Kafka for machines without one, in memory. See README.md.
#include <memory>
#include <string>
#include <vector>

#include "libs/base/config.h"
#include "libs/base/log.h"
#include "libs/base/shutdown.h"
#include "libs/base/status.h"
#include "tools/embedded-kafka/broker.h"
#include "tools/embedded-kafka/fixed_port.h"
#include "tools/embedded-kafka/ready_file.h"
#include "tools/embedded-kafka/topics.h"

namespace trunkline {
namespace {

struct Config {
  int brokers = 0;
  int partitions = 0;
  uint16_t port = 0;
  std::vector<std::string> topics;
  std::string ready_file;
};

Config ReadConfig(int argc, char** argv) {
  ConfigReader reader("embedded-kafka", "A Kafka broker in memory, for development and tests.", argc, argv);
  Config config;
  config.port = static_cast<uint16_t>(
      reader.Int("port", 0, 0, 65535, "port of the first broker on 127.0.0.1; 0 picks one, as for all others"));
  config.brokers = static_cast<int>(reader.Int("brokers", 1, 1, 9, "number of brokers"));
  config.topics = reader.List("topics", "", "topics to create at the start: NAME or NAME:PARTITIONS, comma-separated");
  config.partitions =
      static_cast<int>(reader.Int("partitions", 4, 1, 1000,
                                  "partitions of a --topics entry that names none; a topic that a client asks "
                                  "for and that does not exist always gets 4"));
  config.ready_file = reader.Text("ready-file", "", "gets the bootstrap address when the broker is ready");
  reader.Finish();
  return config;
}

absl::Status Run(const Config& config, StopSignals& signals) {
  TL_ASSIGN_OR_RETURN(const std::vector<EmbeddedTopic> topics, ParseTopics(config.topics, config.partitions));
  TL_RETURN_IF_ERROR(ListenOnPort(config.port));
  TL_ASSIGN_OR_RETURN(const std::unique_ptr<EmbeddedBroker> broker, EmbeddedBroker::Start(config.brokers));
  for (const EmbeddedTopic& topic : topics) TL_RETURN_IF_ERROR(broker->CreateTopic(topic));
  if (!config.ready_file.empty()) TL_RETURN_IF_ERROR(WriteReadyFile(config.ready_file, broker->Bootstrap()));
  LogInfo("ready", {{"bootstrap", broker->Bootstrap()}});
  signals.Wait();
  LogInfo("stopping");
  return absl::OkStatus();
}

}  // namespace
}  // namespace trunkline

int main(int argc, char** argv) {
  trunkline::StopSignals signals;
  trunkline::StartLog("embedded-kafka", trunkline::LogLevel::kInfo);
  const trunkline::Config config = trunkline::ReadConfig(argc, argv);
  const absl::Status status = trunkline::Run(config, signals);
  if (!status.ok()) trunkline::LogError("cannot go on", {{"status", status}});
  return status.ok() ? 0 : 1;
}
