#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/kafka/producer.h"
#include "libs/kafka/topics.h"
#include "libs/telephony/timestamps.h"
#include "tools/trunkctl/age.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/dead_letter_store.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {
namespace {

constexpr absl::Duration kDeliveryLimit = absl::Seconds(30);

struct DeadLetterOptions {
  std::string bootstrap;
  std::string prefix = "trunkline.";
  std::vector<std::string> ids;
  std::string reason;
  std::string account;
  std::string since;
  std::string before;
  bool all = false;
  bool dry_run = false;
};

absl::StatusOr<std::vector<StoredDeadLetter>> Chosen(const DeadLetterOptions& options) {
  DeadLetterFilter filter{.ids = options.ids, .reason = options.reason, .account = options.account};
  const absl::Time now = absl::Now();
  if (!options.since.empty()) {
    TL_ASSIGN_OR_RETURN(filter.since, ParseMoment(options.since, now));
  }
  if (!options.before.empty()) {
    TL_ASSIGN_OR_RETURN(filter.before, ParseMoment(options.before, now));
  }
  return ReadDeadLetters(options.bootstrap, kafka::Topics(options.prefix).dead_letters, filter);
}

std::string FailedAt(const StoredDeadLetter& dead) {
  return absl::FormatTime(absl::RFC3339_sec, telephony::FromProto(dead.letter.failed_at()), absl::UTCTimeZone());
}

nlohmann::json ToJson(const StoredDeadLetter& dead) {
  nlohmann::json json = {{"id", dead.id},
                         {"reason", dead.letter.reason()},
                         {"error", dead.letter.error()},
                         {"failed_at", FailedAt(dead)},
                         {"attempt", dead.letter.attempt()},
                         {"key", dead.key}};
  if (dead.webhook.has_value()) {
    json["webhook_id"] = dead.webhook->webhook_id();
    json["call_id"] = dead.webhook->call_id();
    json["business_id"] = dead.webhook->business_id();
    json["provider"] = dead.webhook->provider();
    json["provider_account_id"] = dead.webhook->provider_account_id();
    json["event"] = dead.webhook->event();
  }
  return json;
}

std::string LineOfDeadLetter(const StoredDeadLetter& dead) {
  std::string line = Concat(dead.id, "  ", FailedAt(dead), "  ", dead.letter.reason());
  if (dead.webhook.has_value()) {
    line += Concat("  ", dead.webhook->provider(), " ", dead.webhook->event(), "  call ", dead.webhook->call_id());
  }
  return Concat(line, "  ", dead.letter.error());
}

void Print(const StoredDeadLetter& dead, bool json) {
  // The texts come from outside and need not be UTF-8.
  json ? PrintLine(WriteJson(ToJson(dead))) : PrintLine(LineOfDeadLetter(dead));
}

absl::Status List(const DeadLetterOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const std::vector<StoredDeadLetter> chosen, Chosen(options));
  for (const StoredDeadLetter& dead : chosen) Print(dead, json);
  return absl::OkStatus();
}

absl::Status Show(const DeadLetterOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const std::vector<StoredDeadLetter> chosen, Chosen(options));
  for (const StoredDeadLetter& dead : chosen) {
    Print(dead, json);
    if (dead.webhook.has_value()) {
      PrintJson(*dead.webhook);
    } else {
      PrintLine(WriteJson(nlohmann::json{{"raw_base64", Base64Encode(dead.letter.raw())}}));
    }
  }
  return absl::OkStatus();
}

absl::Status SendAll(const DeadLetterOptions& options, const std::vector<StoredDeadLetter>& chosen) {
  std::mutex mutex;
  absl::Status failure;
  TL_ASSIGN_OR_RETURN(const std::unique_ptr<kafka::Producer> producer,
                      kafka::Producer::Start({.bootstrap = options.bootstrap}));
  const std::string topic = kafka::Topics(options.prefix).raw_webhooks;
  for (const StoredDeadLetter& dead : chosen) {
    TL_RETURN_IF_ERROR(producer->Send(ReplayOf(dead, topic), [&](const absl::Status& report) {
      const std::lock_guard lock(mutex);
      if (!report.ok()) failure = report;
    }));
  }
  TL_RETURN_IF_ERROR(producer->Flush(kDeliveryLimit));
  const std::lock_guard lock(mutex);
  return Annotate(failure, "some may not have been replayed; replay them again");
}

absl::Status Replay(const DeadLetterOptions& options, bool json) {
  const bool filtered = !options.ids.empty() || !options.reason.empty() || !options.account.empty() ||
                        !options.since.empty() || !options.before.empty();
  if (!filtered && !options.all) {
    return absl::InvalidArgumentError("say which: ids, --reason, --account, --since, --before, or --all");
  }
  TL_ASSIGN_OR_RETURN(const std::vector<StoredDeadLetter> chosen, Chosen(options));
  if (!options.dry_run && !chosen.empty()) {
    TL_RETURN_IF_ERROR(SendAll(options, chosen));
  }
  for (const StoredDeadLetter& dead : chosen) Print(dead, json);
  if (!json) PrintLine(Concat(options.dry_run ? "would replay " : "replayed ", chosen.size()));
  return absl::OkStatus();
}

}  // namespace

void AddDeadLetterCommands(CLI::App& app, Context& context) {
  CLI::App* dead_letters =
      app.add_subcommand("dead-letters", "raw messages that could not be processed")->require_subcommand(1);
  // DeadLetterOptions of its own for each command: CLI11 also reads the environment for those that were not chosen.
  const auto add = [&context, dead_letters](const char* name, const char* what, const char* footer,
                                            absl::Status (*run)(const DeadLetterOptions&, bool)) {
    auto options = std::make_shared<DeadLetterOptions>();
    CLI::App* command = dead_letters->add_subcommand(name, what)->footer(footer);
    command->add_option("--kafka-bootstrap", options->bootstrap, "Kafka brokers, host:port, separated by commas")
        ->envname("TRUNKLINE_KAFKA_BOOTSTRAP")
        ->required();
    command->add_option("--topic-prefix", options->prefix, "what every topic's name begins with")
        ->envname("TRUNKLINE_TOPIC_PREFIX")
        ->capture_default_str();
    command->callback(
        [&context, options, run] { context.run = [&context, options, run] { return run(*options, context.json); }; });
    return std::pair(command, options);
  };
  const auto add_filters = [](CLI::App* command, const std::shared_ptr<DeadLetterOptions>& options) {
    command->add_option("--reason", options->reason, "only this reason, such as MAPPING_FAILED");
    command->add_option("--account", options->account, "only this provider_account_id");
    command->add_option("--since", options->since, "only those that failed since: an age like 2h, or a time");
    command->add_option("--before", options->before, "only those that failed before: an age or a time");
  };

  const auto [list, list_options] =
      add("list", "one line for each, oldest first",
          "Example:\n  trunkctl dead-letters list --since=2h\n"
          "  trunkctl dead-letters list --reason=MAPPING_FAILED --before=2026-01-15T09:00:00Z --json",
          List);
  add_filters(list, list_options);

  const auto [show, show_options] =
      add("show", "all of some, with the raw message: it holds phone numbers in clear",
          "Example:\n  trunkctl dead-letters show trunkline.webhooks.raw.v1/0/1234", Show);
  show->add_option("id", show_options->ids, "as the list tells them")->required();

  const auto [replay, replay_options] = add(
      "replay", "send some once more, after the cause was mended",
      "The raw message goes back to webhooks.raw as it came, to the end of its key. What was stored already is not\n"
      "stored again, so a second replay does no harm; what fails again becomes a new dead letter.\n\n"
      "Example:\n  trunkctl dead-letters replay --reason=UNKNOWN_PROVIDER --since=7d --dry-run\n"
      "  trunkctl dead-letters replay trunkline.webhooks.raw.v1/0/1234 trunkline.webhooks.raw.v1/2/77",
      Replay);
  add_filters(replay, replay_options);
  replay->add_option("id", replay_options->ids, "as the list tells them");
  replay->add_flag("--all", replay_options->all, "all that there are");
  replay->add_flag("--dry-run", replay_options->dry_run, "tell what would be replayed, and do nothing");
}

}  // namespace trunkline::trunkctl
