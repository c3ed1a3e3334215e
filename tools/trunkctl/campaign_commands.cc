#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/json_file.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/scheduler_client.h"
#include "trunkline/campaigns/v1/campaign_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::CampaignService;
using Stub = CampaignService::Stub;

// A clone copies its contacts before it answers.
constexpr absl::Duration kCloneTimeout = absl::Minutes(10);
constexpr absl::Duration kBetweenLooks = absl::Seconds(2);

struct CampaignOptions {
  SchedulerOptions scheduler;
  std::string campaign_id;
  std::string request_id;
  std::string name;
  std::string file;
  std::string reason;
  std::string at;
  std::string etag;
  std::string contacts = "none";
  std::vector<std::string> mask;
  std::vector<std::string> states;
  std::string name_contains;
  int page_size = 50;
  bool watch = false;
};

void Print(const Campaign& campaign, bool json) { json ? PrintJson(campaign) : PrintLine(Summary(campaign)); }

std::string RequestId(const CampaignOptions& options) {
  return options.request_id.empty() ? NewUuid(absl::Now()) : options.request_id;
}

absl::Status Create(const CampaignOptions& options, bool json) {
  campaigns::v1::CreateCampaignRequest request;
  TL_RETURN_IF_ERROR(ReadJson(options.file, &request));
  if (!options.name.empty()) request.set_name(options.name);
  if (request.request_id().empty()) request.set_request_id(RequestId(options));
  TL_ASSIGN_OR_RETURN(const auto response, options.scheduler.Ask<CampaignService>(&Stub::CreateCampaign, request));
  Print(response.campaign(), json);
  return absl::OkStatus();
}

absl::Status Update(const CampaignOptions& options, bool json) {
  campaigns::v1::UpdateCampaignRequest request;
  TL_RETURN_IF_ERROR(ReadJson(options.file, &request));
  request.set_campaign_id(options.campaign_id);
  request.set_etag(options.etag);
  request.mutable_update_mask()->clear_paths();
  for (const std::string& path : options.mask) request.mutable_update_mask()->add_paths(path);
  TL_ASSIGN_OR_RETURN(const auto response, options.scheduler.Ask<CampaignService>(&Stub::UpdateCampaign, request));
  Print(response.campaign(), json);
  return absl::OkStatus();
}

// A command about one campaign, with a reason, whose answer is the campaign.
template <typename Request, typename Response>
absl::Status Command(const CampaignOptions& options, bool json,
                     grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*)) {
  Request request;
  request.set_campaign_id(options.campaign_id);
  request.set_reason(options.reason);
  TL_ASSIGN_OR_RETURN(const Response response, options.scheduler.Ask<CampaignService>(method, request));
  Print(response.campaign(), json);
  return absl::OkStatus();
}

absl::Status Start(const CampaignOptions& options, bool json) { return Command(options, json, &Stub::StartCampaign); }
absl::Status Pause(const CampaignOptions& options, bool json) { return Command(options, json, &Stub::PauseCampaign); }
absl::Status Resume(const CampaignOptions& options, bool json) { return Command(options, json, &Stub::ResumeCampaign); }
absl::Status Cancel(const CampaignOptions& options, bool json) { return Command(options, json, &Stub::CancelCampaign); }

absl::Status Schedule(const CampaignOptions& options, bool json) {
  campaigns::v1::ScheduleCampaignRequest request;
  request.set_campaign_id(options.campaign_id);
  request.set_reason(options.reason);
  if (options.at != "never") {
    absl::Time at;
    std::string error;
    if (!absl::ParseTime(absl::RFC3339_full, options.at, &at, &error)) {
      return absl::InvalidArgumentError("--at must be a time as 2026-12-01T09:00:00+01:00, or 'never'");
    }
    *request.mutable_starts_at() = telephony::ToProto(at);
  }
  TL_ASSIGN_OR_RETURN(const auto response, options.scheduler.Ask<CampaignService>(&Stub::ScheduleCampaign, request));
  Print(response.campaign(), json);
  return absl::OkStatus();
}

absl::Status Clone(const CampaignOptions& options, bool json) {
  campaigns::v1::CloneCampaignRequest request;
  request.set_campaign_id(options.campaign_id);
  request.set_request_id(RequestId(options));
  request.set_name(options.name);
  if (options.contacts == "all") request.set_contacts(campaigns::v1::CLONE_CONTACTS_ALL);
  if (options.contacts == "not-reached") request.set_contacts(campaigns::v1::CLONE_CONTACTS_NOT_REACHED);
  TL_ASSIGN_OR_RETURN(const auto response,
                      options.scheduler.Ask<CampaignService>(&Stub::CloneCampaign, request, kCloneTimeout));
  Print(response.campaign(), json);
  return absl::OkStatus();
}

absl::Status Get(const CampaignOptions& options, bool json) {
  campaigns::v1::GetCampaignRequest request;
  request.set_campaign_id(options.campaign_id);
  TL_ASSIGN_OR_RETURN(const auto response, options.scheduler.Ask<CampaignService>(&Stub::GetCampaign, request));
  Print(response.campaign(), json);
  return absl::OkStatus();
}

absl::Status List(const CampaignOptions& options, bool json) {
  campaigns::v1::ListCampaignsRequest request;
  request.set_page_size(options.page_size);
  request.set_name_contains(options.name_contains);
  for (const std::string& name : options.states) {
    campaigns::v1::CampaignState state;
    std::string full = "CAMPAIGN_STATE_";
    for (const char c : name) full.push_back(static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c));
    if (!campaigns::v1::CampaignState_Parse(full, &state)) {
      return absl::InvalidArgumentError(
          "--state must be draft, scheduled, running, paused, completed, cancelled or failed");
    }
    request.add_states(state);
  }
  TL_ASSIGN_OR_RETURN(const auto response, options.scheduler.Ask<CampaignService>(&Stub::ListCampaigns, request));
  if (json) {
    PrintJson(response);
  } else {
    for (const Campaign& campaign : response.campaigns()) PrintLine(Summary(campaign));
  }
  return absl::OkStatus();
}

absl::Status Progress(const CampaignOptions& options, bool json) {
  campaigns::v1::GetCampaignProgressRequest request;
  request.set_campaign_id(options.campaign_id);
  while (true) {
    TL_ASSIGN_OR_RETURN(const auto response,
                        options.scheduler.Ask<CampaignService>(&Stub::GetCampaignProgress, request));
    json ? PrintJson(response.progress()) : PrintLine(Report(response.progress()));
    const bool may_change = response.progress().state() == campaigns::v1::CAMPAIGN_STATE_RUNNING ||
                            response.progress().state() == campaigns::v1::CAMPAIGN_STATE_SCHEDULED ||
                            response.progress().contacts().in_flight() > 0;
    if (!options.watch || !may_change) return absl::OkStatus();
    absl::SleepFor(kBetweenLooks);
  }
}

absl::Status Statistics(const CampaignOptions& options, bool json) {
  campaigns::v1::GetCampaignStatisticsRequest request;
  request.set_campaign_id(options.campaign_id);
  TL_ASSIGN_OR_RETURN(const auto response,
                      options.scheduler.Ask<CampaignService>(&Stub::GetCampaignStatistics, request));
  if (json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  PrintLine(Report(response.total()));
  for (const auto& hour : response.hours()) PrintLine(Report(hour));
  return absl::OkStatus();
}

absl::Status Failed(const CampaignOptions& options, bool json) {
  campaigns::v1::AnalyzeFailedCallsRequest request;
  request.set_campaign_id(options.campaign_id);
  TL_ASSIGN_OR_RETURN(const auto response, options.scheduler.Ask<CampaignService>(&Stub::AnalyzeFailedCalls, request));
  if (json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  for (const auto& cause : response.causes()) {
    std::string line = Concat(
        cause.attempts(), "  ", WithoutPrefix(campaigns::v1::Disposition_Name(cause.disposition()), "DISPOSITION_"),
        " ", cause.provider_code(), "  ",
        WithoutPrefix(campaigns::v1::RetryAdvice_Name(cause.advice()), "RETRY_ADVICE_"), ": ", cause.reason());
    for (int i = 0; i < cause.best_hours_size(); ++i) {
      line += Concat(i == 0 ? "; best at " : ", ", cause.best_hours(i), ":00");
    }
    PrintLine(line);
  }
  return absl::OkStatus();
}

absl::Status Transitions(const CampaignOptions& options, bool json) {
  campaigns::v1::ListCampaignTransitionsRequest request;
  request.set_campaign_id(options.campaign_id);
  request.set_page_size(options.page_size);
  TL_ASSIGN_OR_RETURN(const auto response,
                      options.scheduler.Ask<CampaignService>(&Stub::ListCampaignTransitions, request));
  if (json) {
    PrintJson(response);
    return absl::OkStatus();
  }
  for (const auto& transition : response.transitions()) {
    PrintLine(Concat(TimeText(transition.at()), "  ",
                     WithoutPrefix(campaigns::v1::CampaignState_Name(transition.from()), "CAMPAIGN_STATE_"), " -> ",
                     WithoutPrefix(campaigns::v1::CampaignState_Name(transition.to()), "CAMPAIGN_STATE_"), "  ",
                     transition.actor(), "  ", transition.reason()));
  }
  return absl::OkStatus();
}

}  // namespace

void AddCampaignCommands(CLI::App& app, Context& context) {
  CLI::App* campaign = app.add_subcommand("campaign", "campaigns")->require_subcommand(1);
  // CampaignOptions of its own for each command: CLI11 also reads the environment for those that were not chosen.
  const auto add = [&](const char* name, const char* help, const std::string& example,
                       absl::Status (*command)(const CampaignOptions&, bool),
                       const std::function<void(CLI::App&, CampaignOptions&)>& add_more) {
    const auto options = std::make_shared<CampaignOptions>();
    CLI::App* added = campaign->add_subcommand(name, help);
    added->footer("Example:\n  trunkctl campaign " + example);
    options->scheduler.AddTo(*added);
    add_more(*added, *options);
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
  };
  const auto id = [](CLI::App& command, CampaignOptions& options) {
    command.add_option("campaign_id", options.campaign_id, "the campaign")->required();
  };
  const auto with_reason = [&](CLI::App& command, CampaignOptions& options) {
    id(command, options);
    command.add_option("--reason", options.reason, "why, for the record");
  };
  const auto request_id = [](CLI::App& command, CampaignOptions& options) {
    command.add_option("--request-id", options.request_id, "UUID; the same one makes no second campaign");
  };
  const std::string some = " 0190b2c3-0000-7000-8000-000000000001";

  add("create", "make a draft", "create --file=campaign.json --name='Spring offer'", Create,
      [&](CLI::App& command, CampaignOptions& options) {
        command
            .add_option("--file", options.file, R"(JSON of a CreateCampaignRequest: {"name": ..., "settings": {...}})")
            ->required();
        command.add_option("--name", options.name, "its name, in place of the file's");
        request_id(command, options);
      });
  add("update", "change name or settings, while it runs too",
      "update" + some + " --file=change.json --mask=settings.pacing --mask=settings.rules.windows", Update,
      [&](CLI::App& command, CampaignOptions& options) {
        id(command, options);
        command.add_option("--file", options.file, R"(JSON with what changes: {"settings": {"pacing": {...}}})")
            ->required();
        command.add_option("--mask", options.mask, "what of the file counts; may come again and again")->required();
        command.add_option("--etag", options.etag, "only when the campaign still has this etag");
      });
  add("start", "start it now", "start" + some, Start, with_reason);
  add("schedule", "let it start by itself, or take that back with --at=never",
      "schedule" + some + " --at=2026-12-01T09:00:00+01:00", Schedule,
      [&](CLI::App& command, CampaignOptions& options) {
        with_reason(command, options);
        command.add_option("--at", options.at, "when, RFC 3339; or 'never'")->required();
      });
  add("pause", "call nobody new; calls in progress go on", "pause" + some + " --reason='script is wrong'", Pause,
      with_reason);
  add("resume", "go on exactly where it was paused", "resume" + some, Resume, with_reason);
  add("cancel", "give it up for good", "cancel" + some + " --reason='wrong list'", Cancel, with_reason);
  add("clone", "make a draft with the same settings", "clone" + some + " --contacts=not-reached --name='Second round'",
      Clone, [&](CLI::App& command, CampaignOptions& options) {
        id(command, options);
        command.add_option("--name", options.name, "name of the copy; the same when not given");
        command.add_option("--contacts", options.contacts, "which contacts come along")
            ->check(CLI::IsMember({"none", "all", "not-reached"}))
            ->capture_default_str();
        request_id(command, options);
      });
  add("get", "show a campaign", "get" + some + " --json", Get, id);
  add("list", "list campaigns, newest first", "list --state=running --state=paused", List,
      [](CLI::App& command, CampaignOptions& options) {
        command.add_option("--state", options.states, "only in this state; may come again and again");
        command.add_option("--name", options.name_contains, "only those whose name contains this");
        command.add_option("--page-size", options.page_size, "how many")->capture_default_str();
      });
  add("progress", "how far it is, and when it may be done", "progress" + some + " --watch", Progress,
      [&](CLI::App& command, CampaignOptions& options) {
        id(command, options);
        command.add_flag("--watch", options.watch, "look again every two seconds, until it does not run any more");
      });
  add("statistics", "what came of its attempts, by hour", "statistics" + some, Statistics, id);
  add("failed", "why attempts failed, and what to do about it", "failed" + some, Failed, id);
  add("transitions", "its changes of state, the latest first", "transitions" + some, Transitions,
      [&](CLI::App& command, CampaignOptions& options) {
        id(command, options);
        command.add_option("--page-size", options.page_size, "how many")->capture_default_str();
      });
  AddCampaignFileCommands(*campaign, context);
  AddCampaignSimulateCommand(*campaign, context);
}

}  // namespace trunkline::trunkctl
