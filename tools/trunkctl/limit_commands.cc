#include <functional>
#include <memory>
#include <optional>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/governor_options.h"
#include "tools/trunkctl/limit_lines.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {
namespace {

using governor::v1::LevelLimits;

// What is not given stays as it is.
struct NewLimits {
  std::optional<int> calls;
  std::optional<int> per_second;
  std::optional<int> per_minute;
  std::optional<int> per_hour;
  std::optional<std::string> spacing;
  std::optional<int> kept_for_inbound;
  std::optional<int> kept_for_priority;
  std::optional<int> guaranteed;
  std::optional<int> burst;
  std::optional<int> weight;
};

struct LimitCommandOptions {
  GovernorOptions governor;
  bool of_all = false;
  std::string business_id;
  std::string account_id;
  std::string number;
  std::string campaign_id;
  NewLimits limits;
  bool slots = false;
  bool watch = false;
};

// The level that was named.
LevelLimits LevelOf(const LimitCommandOptions& options) {
  LevelLimits level;
  const auto name = [&level](governor::v1::Level which, const std::string& id) {
    if (id.empty()) return;
    level.set_level(which);
    level.set_subject_id(id);
  };
  if (options.of_all) level.set_level(governor::v1::LEVEL_GLOBAL);
  name(governor::v1::LEVEL_BUSINESS, options.business_id);
  name(governor::v1::LEVEL_PROVIDER_ACCOUNT, options.account_id);
  name(governor::v1::LEVEL_CALLER_NUMBER, options.number);
  name(governor::v1::LEVEL_CAMPAIGN, options.campaign_id);
  return level;
}

absl::Status Change(const NewLimits& changes, LevelLimits* limits) {
  if (changes.calls) limits->set_max_concurrent_calls(*changes.calls);
  if (changes.per_second) limits->mutable_rates()->set_per_second(*changes.per_second);
  if (changes.per_minute) limits->mutable_rates()->set_per_minute(*changes.per_minute);
  if (changes.per_hour) limits->mutable_rates()->set_per_hour(*changes.per_hour);
  if (changes.spacing) {
    absl::Duration spacing;
    if (!absl::ParseDuration(*changes.spacing, &spacing)) {
      return absl::InvalidArgumentError(ToAbsl(Concat("--spacing: '", *changes.spacing, "' is no time; write 250ms")));
    }
    *limits->mutable_rates()->mutable_spacing() = telephony::ToProto(spacing);
  }
  if (changes.kept_for_inbound) limits->set_kept_for_inbound(*changes.kept_for_inbound);
  if (changes.kept_for_priority) limits->set_kept_for_priority(*changes.kept_for_priority);
  if (changes.guaranteed) limits->set_guaranteed_calls(*changes.guaranteed);
  if (changes.burst) limits->set_burst_calls(*changes.burst);
  if (changes.weight) limits->set_weight(*changes.weight);
  return absl::OkStatus();
}

absl::Status GetLimits(const LimitCommandOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const auto governor, options.governor.Connect());
  TL_ASSIGN_OR_RETURN(const governor::v1::GetLimitsResponse response, governor->GetLimits({}));
  if (json) {
    PrintJson(response);
  } else {
    for (const LevelLimits& limits : response.limits()) PrintLine(Line(limits));
  }
  return absl::OkStatus();
}

absl::Status SetLimits(const LimitCommandOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const auto governor, options.governor.Connect());
  // Limits replace those of their level, so that what is not named is read first.
  LevelLimits wanted = LevelOf(options);
  TL_ASSIGN_OR_RETURN(const governor::v1::GetLimitsResponse before, governor->GetLimits({}));
  for (const LevelLimits& limits : before.limits()) {
    if (limits.level() == wanted.level() && limits.subject_id() == wanted.subject_id()) wanted = limits;
  }
  TL_RETURN_IF_ERROR(Change(options.limits, &wanted));
  governor::v1::SetLimitsRequest request;
  *request.add_limits() = wanted;
  TL_RETURN_IF_ERROR(governor->SetLimits(request).status());
  json ? PrintJson(wanted) : PrintLine(Line(wanted));
  return absl::OkStatus();
}

absl::Status ClearLimits(const LimitCommandOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const auto governor, options.governor.Connect());
  const LevelLimits level = LevelOf(options);
  governor::v1::SetLimitsRequest request;
  *request.add_cleared() = level;
  TL_RETURN_IF_ERROR(governor->SetLimits(request).status());
  json ? PrintJson(level) : PrintLine(Line(level));
  return absl::OkStatus();
}

absl::Status ShowUsage(const LimitCommandOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const auto governor, options.governor.Connect());
  const auto print = [json](const governor::v1::Usage& usage) { json ? PrintJson(usage) : PrintLine(Table(usage)); };
  if (!options.watch) {
    governor::v1::GetUsageRequest request;
    request.set_business_id(options.business_id);
    request.set_include_slots(options.slots);
    TL_ASSIGN_OR_RETURN(const governor::v1::GetUsageResponse response, governor->GetUsage(request));
    print(response.usage());
    return absl::OkStatus();
  }
  governor::v1::WatchUsageRequest request;
  request.set_business_id(options.business_id);
  request.set_include_slots(options.slots);
  return governor->WatchUsage(request, [&](const governor::v1::WatchUsageResponse& response) {
    print(response.usage());
    if (!json) PrintLine("");
    return true;
  });
}

void AddLevel(CLI::App& command, LimitCommandOptions& options) {
  CLI::Option_group* level = command.add_option_group("level", "of whom the limits are");
  level->add_flag("--all", options.of_all, "all calls of the deployment");
  level->add_option("--business", options.business_id, "a business_id");
  level->add_option("--account", options.account_id, "a provider account");
  level->add_option("--number", options.number, "a number that calls show, E.164");
  level->add_option("--campaign", options.campaign_id, "a campaign");
  level->require_option(1);
}

void AddNewLimits(CLI::App& command, NewLimits& limits) {
  CLI::Option_group* changes = command.add_option_group("limits", "what is not named stays as it is");
  changes->add_option("--calls", limits.calls, "most calls in progress");
  changes->add_option("--per-second", limits.per_second, "most calls that begin in any second; 0: unlimited");
  changes->add_option("--per-minute", limits.per_minute, "in any minute");
  changes->add_option("--per-hour", limits.per_hour, "in any hour");
  changes->add_option("--spacing", limits.spacing, "between the beginnings of two calls, as 250ms; 0: none");
  changes->add_option("--kept-for-inbound", limits.kept_for_inbound, "calls that are kept free for inbound ones");
  changes->add_option("--kept-for-priority", limits.kept_for_priority, "and for priority ones");
  changes->add_option("--guaranteed", limits.guaranteed, "calls that a business can have whatever others do");
  changes->add_option("--burst", limits.burst, "calls that a business may have while nobody else wants them");
  changes->add_option("--weight", limits.weight, "of a business: its share of a full system");
  changes->require_option(1, 0);
}

}  // namespace

void AddLimitCommands(CLI::App& app, Context& context) {
  CLI::App* limits = app.add_subcommand("limits", "how many calls there may be at once")->require_subcommand(1);
  // LimitCommandOptions of its own for each command: CLI11 also reads the environment for those that were not chosen.
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const LimitCommandOptions&, bool),
                       const std::function<void(CLI::App&, LimitCommandOptions&)>& add_more) {
    const auto options = std::make_shared<LimitCommandOptions>();
    CLI::App* added = limits->add_subcommand(name, help);
    added->footer(std::string("Example:\n  ") + example);
    options->governor.AddTo(*added);
    add_more(*added, *options);
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
  };
  add("get", "show the limits that were set", "trunkctl limits get", GetLimits, [](CLI::App&, LimitCommandOptions&) {});
  add("set", "change limits; those of calls in progress hold for new calls, and end none",
      "trunkctl limits set --business=0190b2c3-0000-7000-8000-000000000001 --calls=20 --guaranteed=5", SetLimits,
      [](CLI::App& set, LimitCommandOptions& options) {
        AddLevel(set, options);
        AddNewLimits(set, options.limits);
      });
  add("clear", "go back to what the governor's settings say",
      "trunkctl limits clear --business=0190b2c3-0000-7000-8000-000000000001", ClearLimits, AddLevel);
  add("usage", "show what is in use", "trunkctl limits usage --watch", ShowUsage,
      [](CLI::App& usage, LimitCommandOptions& options) {
        usage.add_option("--business", options.business_id, "only this business, and what belongs to it");
        usage.add_flag("--slots", options.slots, "also each slot");
        usage.add_flag("--watch", options.watch, "and again after each change");
      });
}

}  // namespace trunkline::trunkctl
