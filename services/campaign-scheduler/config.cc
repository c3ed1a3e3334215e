#include "services/campaign-scheduler/config.h"

#include <optional>

#include "libs/base/text.h"
#include "services/campaign-scheduler/rules/decision.h"

namespace trunkline::scheduler {
namespace {

constexpr int64_t kHour = 3'600'000;

absl::Duration KnownMilliseconds(ConfigReader& reader, std::string_view name, std::string_view plain, int64_t fallback,
                                 int64_t smallest, int64_t largest, std::string_view help) {
  return absl::Milliseconds(reader.Int(name, fallback, smallest, largest, help, plain));
}

void ReadPlaces(ConfigReader& reader, SchedulerConfig* config) {
  config->serving = serving::ReadServingSettings(reader, 7090, 7091, "host:port by which this replica is known");
  config->database_url = reader.Secret("database-url", true, "connection string of the role trunkline_scheduler");
  config->database_connections =
      static_cast<int>(reader.Int("database-connections", 8, 1, 1000, "connections for requests"));
  config->worker_database_url =
      reader.Secret("worker-database-url", true, "connection string of the role trunkline_scheduler_worker");
  config->worker_connections =
      static_cast<int>(reader.Int("worker-connections", 8, 3, 1000, "connections that run campaigns"));
  config->kafka_bootstrap =
      reader.Text("kafka-bootstrap", std::nullopt, "Kafka's brokers, host:port separated by commas");
  config->topic_prefix = reader.Text("topic-prefix", "trunkline.", "what all topics begin with");
  config->instance_id = reader.Text("instance-id", "",
                                    "of this replica, the same after a restart and of no other one at the same time; "
                                    "then it goes on at once with its part of the call events");
  config->service_token = reader.Secret("service-token", true, "shared by Trunkline's own services");
  config->gateway_address = reader.Text("gateway-address", std::nullopt, "gateway's gRPC, host:port");
  config->governor_addresses = reader.List("governor-address", "", "concurrency-governor's replicas, host:port");
  if (config->governor_addresses.empty()) {
    reader.Complain("governor-address", "is required: no contact is called without a slot");
  }
}

void ReadPace(ConfigReader& reader, EngineOptions* engine) {
  engine->call_spacing =
      KnownMilliseconds(reader, "subsequent-call-wait", "SUBSEQUENT_CALL_WAIT", 6'000, 0, kHour,
                        "milliseconds between two calls of a campaign that sets none; 0: no spacing");
  engine->slot_wait = KnownMilliseconds(
      reader, "max-concurrent-call-wait", "MAX_CONCURRENT_CALL_WAIT", 5'000, 0, 60'000,
      "milliseconds that a contact waits for a slot before it goes back, where its campaign sets none");
  engine->warm_up.timeout = KnownMilliseconds(reader, "bot-warmup-timeout", "BOT_WARMUP_TIMEOUT", 60'000, 1, 300'000,
                                              "milliseconds for a try to make a bot ready, as the gateway has it: an "
                                              "attempt's dial may take so much longer");
  engine->warm_up.retries = static_cast<int>(
      reader.Int("bot-warmup-retries", 3, 0, 10, "tries after the first, likewise", "BOT_WARMUP_RETRIES"));
  engine->dial_time = reader.Duration("dial-time", absl::Seconds(20),
                                      "from the commit of an attempt to the time after which it is not dialled");
  engine->call_silence =
      reader.Duration("call-silence", absl::Minutes(10), "without news, before the call of an attempt is asked about");
  if (engine->dial_time < absl::Seconds(1)) reader.Complain("dial-time", "must be at least 1s");
  if (engine->call_silence < absl::Seconds(1)) reader.Complain("call-silence", "must be at least 1s");
}

}  // namespace

SchedulerConfig ReadSchedulerConfig(ConfigReader& reader) {
  SchedulerConfig config;
  config.log_level = ReadLogLevel(reader);
  ReadPlaces(reader, &config);
  ReadPace(reader, &config.engine);
  config.blocked_prefixes =
      reader.List("blocked-prefixes", "", "numbers that begin so are called by no campaign: +1900,+882");
  for (const std::string& prefix : config.blocked_prefixes) {
    if (!IsBlockablePrefix(prefix)) {
      reader.Complain("blocked-prefixes", Concat("has '", prefix, "'; each must be '+' and 1 to 15 digits"));
    }
  }
  config.heartbeat = KnownMilliseconds(reader, "heartbeat-interval", "HEARTBEAT_INTERVAL", 30'000, 10, kHour,
                                       "milliseconds between two signs of life of a replica");
  config.silence = KnownMilliseconds(reader, "orphan-detection-threshold", "ORPHAN_DETECTION_THRESHOLD", 120'000, 20,
                                     24 * kHour, "milliseconds without one after which its campaigns are taken over");
  if (config.silence < 2 * config.heartbeat) {
    reader.Complain("orphan-detection-threshold", "must be at least twice heartbeat-interval");
  }
  reader.Finish();
  return config;
}

}  // namespace trunkline::scheduler
