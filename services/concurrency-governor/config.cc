#include "services/concurrency-governor/config.h"

namespace trunkline::governor {
namespace {

constexpr int64_t kMostCalls = 1'000'000;

}  // namespace

GovernorConfig ReadGovernorConfig(ConfigReader& reader) {
  GovernorConfig config;
  config.log_level = ReadLogLevel(reader);
  config.serving = serving::ReadServingSettings(reader, 7080, 7081, "host:port that clients reach this replica by");
  config.database_url = reader.Secret("database-url", true, "connection string of the role trunkline_governor");
  config.kafka_bootstrap =
      reader.Text("kafka-bootstrap", std::nullopt, "Kafka's brokers, host:port separated by commas");
  config.topic_prefix = reader.Text("topic-prefix", "trunkline.", "what all topics begin with");
  config.service_token = reader.Secret("service-token", true, "shared by Trunkline's own services");
  config.gateway_address = reader.Text("gateway-address", std::nullopt, "gateway's gRPC, host:port: asked about calls");

  LedgerOptions& ledger = config.ledger;
  ledger.levels.global_calls = static_cast<int>(
      reader.Int("global-max-calls", 50, 1, kMostCalls, "calls in progress, of all businesses", "GLOBAL_MAX_CALLS"));
  ledger.levels.business_calls = static_cast<int>(reader.Int(
      "business-max-calls", 10, 1, kMostCalls, "calls in progress of a business that has no limit of its own"));
  ledger.levels.refusal_interval =
      reader.Duration("refusal-interval", absl::Seconds(1), "refusals of a provider within it lower its ceiling once");
  ledger.levels.recovery_interval =
      reader.Duration("recovery-interval", absl::Seconds(10), "in which a lowered ceiling rises by one call");
  ledger.silence = absl::Minutes(reader.Int("call-timeout-minutes", 10, 1, 24 * 60,
                                            "without news, before a call is asked about", "CALL_TIMEOUT_MINUTES"));
  config.cleanup_interval = absl::Milliseconds(reader.Int(
      "cleanup-interval", 300'000, 1, 86'400'000, "milliseconds between two looks for such calls", "CLEANUP_INTERVAL"));
  ledger.longest_silence =
      reader.Duration("longest-silence", absl::Hours(4), "after which a call that nobody can tell about is given up");
  ledger.reservation = reader.Duration("reservation-time", absl::Seconds(30), "of a slot that is not bound to a call");
  ledger.memory =
      reader.Duration("slot-memory", absl::Minutes(10), "how long a request_id is remembered after its slot has ended");
  ledger.most_waiting =
      static_cast<size_t>(reader.Int("most-waiting", 10'000, 1, 1'000'000, "requests that may wait for a slot"));
  config.inquiry_timeout =
      reader.Duration("inquiry-timeout", absl::Seconds(15), "for one question to the gateway about a call");
  config.leader_silence = reader.Duration("leader-silence", absl::Seconds(5),
                                          "after which a leader that gives no sign of life is replaced");
  config.drain_delay =
      reader.Duration("drain-delay", absl::Seconds(1), "how long requests are still taken after readiness is off");
  if (config.leader_silence < absl::Seconds(2)) {
    reader.Complain("leader-silence", "must be at least 2s: a leader gives a sign of life every second");
  }
  if (ledger.levels.recovery_interval <= absl::ZeroDuration()) {
    reader.Complain("recovery-interval", "must be more than 0");
  }
  if (ledger.longest_silence <= ledger.silence) {
    reader.Complain("longest-silence", "must be more than call-timeout-minutes");
  }
  reader.Finish();
  return config;
}

}  // namespace trunkline::governor
