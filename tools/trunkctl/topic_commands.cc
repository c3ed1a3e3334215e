#include <memory>
#include <nlohmann/json.hpp>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/kafka/topics.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {

void AddTopicCommands(CLI::App& app, Context& context) {
  struct Options {
    std::string bootstrap;
    std::string prefix = "trunkline.";
    int partitions = 4;
    int replication = 1;
  };
  const auto options = std::make_shared<Options>();
  CLI::App* topics = app.add_subcommand("topics", "Kafka topics")->require_subcommand(1);
  CLI::App* create = topics->add_subcommand("create", "create the topics that are missing");
  create->footer("Example:\n  trunkctl topics create --kafka-bootstrap=kafka-0:9092 --partitions=12 --replication=3");
  create->add_option("--kafka-bootstrap", options->bootstrap, "Kafka brokers, host:port, separated by commas")
      ->envname("TRUNKLINE_KAFKA_BOOTSTRAP")
      ->required();
  create->add_option("--topic-prefix", options->prefix, "what every topic's name begins with")
      ->envname("TRUNKLINE_TOPIC_PREFIX")
      ->capture_default_str();
  create->add_option("--partitions", options->partitions, "partitions of each topic")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  create->add_option("--replication", options->replication, "replicas of each partition")
      ->capture_default_str()
      ->check(CLI::Range(1, 7));
  create->callback([&context, options] {
    context.run = [&context, options]() -> absl::Status {
      TL_ASSIGN_OR_RETURN(
          const std::vector<std::string> created,
          kafka::CreateTopics(
              {.bootstrap = options->bootstrap, .partitions = options->partitions, .replication = options->replication},
              kafka::Topics(options->prefix)));
      if (context.json) {
        PrintJson(nlohmann::json{{"created", created}});
      } else if (created.empty()) {
        PrintLine("all topics are there");
      } else {
        for (const std::string& name : created) PrintLine(Concat("created ", name));
      }
      return absl::OkStatus();
    };
  });
}

}  // namespace trunkline::trunkctl
