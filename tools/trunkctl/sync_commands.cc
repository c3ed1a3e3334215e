#include <unistd.h>

#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "tools/trunkctl/age.h"
#include "tools/trunkctl/campaign_output.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"
#include "tools/trunkctl/tracking_client.h"
#include "trunkline/tracking/v1/sync_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

using tracking::v1::SyncRun;
using tracking::v1::SyncService;
namespace v1 = tracking::v1;

constexpr absl::Duration kLook = absl::Milliseconds(500);
constexpr int kBarWidth = 30;

struct SyncOptions {
  TrackingOptions tracking;
  std::string account;
  std::string run;
  std::string since;
  std::string until = "0s";
  std::string reason;
  std::string request_id;
  bool detach = false;
};

std::string StateText(const SyncRun& run) {
  return WithoutPrefix(v1::SyncRunState_Name(run.state()), "SYNC_RUN_STATE_");
}

std::string RunSummary(const SyncRun& run) {
  const v1::SyncCounts& counts = run.counts();
  std::string line = Concat(run.run_id(), "  ", StateText(run), "  ", TimeText(run.range_from()), " to ",
                            TimeText(run.range_to()), "  ", counts.seen(), " read, ", counts.inserted(), " new, ",
                            counts.updated(), " changed, ", counts.failed(), " failed");
  if (run.kind() == v1::SYNC_RUN_KIND_RECOVERY) {
    line += Concat(", ", run.webhook_missing(), " without a webhook");
    if (run.webhook_evidence() > 0) {
      line += Concat(" (", run.delivered_not_processed(), " of ", run.webhook_evidence(), " were delivered)");
    }
  }
  if (!run.error().empty()) line += Concat("  ", run.error());
  return line;
}

// On standard error, where it stands, over itself; only for somebody who looks.
void ShowProgress(const SyncRun& run) {
  if (isatty(STDERR_FILENO) == 0) return;
  const int filled = static_cast<int>(run.progress() * kBarWidth);
  const std::string bar =
      std::string(static_cast<size_t>(filled), '#') + std::string(static_cast<size_t>(kBarWidth - filled), '.');
  std::fprintf(stderr, "\r[%s] %3d %%  until %s  %lld read, %lld new, %lld changed", bar.c_str(),
               static_cast<int>(run.progress() * 100), TimeText(run.read_until()).c_str(),
               static_cast<long long>(run.counts().seen()), static_cast<long long>(run.counts().inserted()),
               static_cast<long long>(run.counts().updated()));
}

absl::StatusOr<SyncRun> Get(const SyncOptions& options) {
  v1::GetSyncRunRequest request;
  request.set_run_id(options.run);
  TL_ASSIGN_OR_RETURN(v1::GetSyncRunResponse response,
                      options.tracking.Ask<SyncService>(&SyncService::Stub::GetSyncRun, request));
  return std::move(*response.mutable_run());
}

// Until it is over. Whoever interrupts leaves it under way.
absl::Status Follow(const SyncOptions& options, bool json) {
  while (true) {
    TL_ASSIGN_OR_RETURN(const SyncRun run, Get(options));
    if (!json) ShowProgress(run);
    if (run.state() >= v1::SYNC_RUN_STATE_PAUSED) {
      if (!json && isatty(STDERR_FILENO) != 0) std::fputc('\n', stderr);
      json ? PrintJson(run) : PrintLine(RunSummary(run));
      return run.state() == v1::SYNC_RUN_STATE_FAILED ? absl::FailedPreconditionError(ToAbsl(run.error()))
                                                      : absl::OkStatus();
    }
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(kLook));
  }
}

absl::Status Start(const SyncOptions& options, v1::SyncRunKind kind, bool json) {
  const absl::Time now = absl::Now();
  v1::StartSyncRunRequest request;
  request.set_request_id(options.request_id.empty() ? NewUuid(now) : options.request_id);
  request.set_provider_account_id(options.account);
  request.set_kind(kind);
  TL_ASSIGN_OR_RETURN(const absl::Time from, ParseMoment(options.since, now));
  TL_ASSIGN_OR_RETURN(const absl::Time to, ParseMoment(options.until, now));
  *request.mutable_range_from() = telephony::ToProto(from);
  *request.mutable_range_to() = telephony::ToProto(to);
  TL_ASSIGN_OR_RETURN(const v1::StartSyncRunResponse response,
                      options.tracking.Ask<SyncService>(&SyncService::Stub::StartSyncRun, request));
  if (options.detach) {
    json ? PrintJson(response.run()) : PrintLine(RunSummary(response.run()));
    return absl::OkStatus();
  }
  SyncOptions followed = options;
  followed.run = response.run().run_id();
  return Follow(followed, json);
}

absl::Status Backfill(const SyncOptions& options, bool json) {
  return Start(options, v1::SYNC_RUN_KIND_BACKFILL, json);
}
absl::Status Recover(const SyncOptions& options, bool json) { return Start(options, v1::SYNC_RUN_KIND_RECOVERY, json); }

absl::Status Status(const SyncOptions& options, bool json) {
  v1::ListSyncStatusRequest request;
  request.set_provider_account_id(options.account);
  TL_ASSIGN_OR_RETURN(const v1::ListSyncStatusResponse response,
                      options.tracking.Ask<SyncService>(&SyncService::Stub::ListSyncStatus, request));
  for (const v1::SyncStatus& status : response.accounts()) {
    if (json) {
      PrintJson(status);
      continue;
    }
    const std::string state = !status.enabled() ? "disabled" : status.paused() ? "paused" : "on";
    const std::string lag =
        status.has_lag() ? Concat(status.lag().seconds(), " s behind") : std::string("not read yet");
    PrintLine(Concat(status.provider_account_id(), "  ", status.provider(), "  ", state, "  ", lag, "  ",
                     status.fetches_waiting(), " waiting, ", status.failures(), " unreadable, ",
                     status.webhooks_missed(), " of ", status.webhooks_expected(), " webhooks missed",
                     status.recoveries() > 0 ? Concat(", ", status.recoveries(), " recoveries") : "", "  ",
                     status.last_error()));
    for (const v1::PassStatus& pass : status.passes()) {
      PrintLine(Concat("  ", pass.name(), "  ",
                       pass.has_finished_at() ? TimeText(pass.finished_at()) : std::string("never finished"), "  ",
                       pass.counts().seen(), " read, ", pass.counts().inserted(), " new, ", pass.counts().updated(),
                       " changed"));
    }
  }
  return absl::OkStatus();
}

absl::Status Runs(const SyncOptions& options, bool json) {
  v1::ListSyncRunsRequest request;
  request.set_provider_account_id(options.account);
  TL_ASSIGN_OR_RETURN(const v1::ListSyncRunsResponse response,
                      options.tracking.Ask<SyncService>(&SyncService::Stub::ListSyncRuns, request));
  for (const SyncRun& run : response.runs()) json ? PrintJson(run) : PrintLine(RunSummary(run));
  return absl::OkStatus();
}

absl::Status ChangeRun(const SyncOptions& options, v1::SyncRunAction action, bool json) {
  v1::ChangeSyncRunRequest request;
  request.set_run_id(options.run);
  request.set_action(action);
  TL_ASSIGN_OR_RETURN(const v1::ChangeSyncRunResponse response,
                      options.tracking.Ask<SyncService>(&SyncService::Stub::ChangeSyncRun, request));
  json ? PrintJson(response.run()) : PrintLine(RunSummary(response.run()));
  return absl::OkStatus();
}

absl::Status OneOf(const SyncOptions& options) {
  return options.run.empty() == options.account.empty()
             ? absl::InvalidArgumentError("name either an --account or a --run")
             : absl::OkStatus();
}

absl::Status Pause(const SyncOptions& options, bool json) {
  TL_RETURN_IF_ERROR(OneOf(options));
  if (!options.run.empty()) return ChangeRun(options, v1::SYNC_RUN_ACTION_PAUSE, json);
  v1::PauseSyncRequest request;
  request.set_provider_account_id(options.account);
  request.set_reason(options.reason);
  return options.tracking.Ask<SyncService>(&SyncService::Stub::PauseSync, request).status();
}

absl::Status Resume(const SyncOptions& options, bool json) {
  TL_RETURN_IF_ERROR(OneOf(options));
  if (!options.run.empty()) return ChangeRun(options, v1::SYNC_RUN_ACTION_RESUME, json);
  v1::ResumeSyncRequest request;
  request.set_provider_account_id(options.account);
  return options.tracking.Ask<SyncService>(&SyncService::Stub::ResumeSync, request).status();
}

absl::Status Cancel(const SyncOptions& options, bool json) {
  return ChangeRun(options, v1::SYNC_RUN_ACTION_CANCEL, json);
}

}  // namespace

void AddSyncCommands(CLI::App& tracking, Context& context) {
  const auto add = [&](const char* name, const char* help, const char* example,
                       absl::Status (*command)(const SyncOptions&, bool)) {
    const auto options = std::make_shared<SyncOptions>();
    CLI::App* added = tracking.add_subcommand(name, help);
    added->footer(std::string("Example:\n  trunkctl tracking ") + example);
    options->tracking.AddTo(*added);
    added->callback([&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    });
    return std::pair(added, options);
  };
  const auto account = [](CLI::App* command, SyncOptions& options, bool required) {
    command->add_option("account,--account", options.account, "the account at the platform: provider_account_id")
        ->required(required);
  };
  const auto range = [&](CLI::App* command, SyncOptions& options, const char* since) {
    account(command, options, true);
    options.since = since;
    command->add_option("--since", options.since, "an age, or RFC 3339")->capture_default_str();
    command->add_option("--until,--before", options.until, "likewise")->capture_default_str();
    command->add_option("--request-id", options.request_id, "UUID: given twice, it is started once");
    command->add_flag("--detach", options.detach, "do not wait for its end");
  };
  const auto [status, status_options] = add("status", "how far each account is read", "status", Status);
  account(status, *status_options, false);
  const auto [sync, sync_options] =
      add("sync", "reads what began lately once more, now", "sync --account=ID", Backfill);
  range(sync, *sync_options, "2h");
  const auto [backfill, backfill_options] =
      add("backfill", "reads all calls of a range", "backfill --account=ID --since=90d", Backfill);
  range(backfill, *backfill_options, "30d");
  const auto [recover, recover_options] = add("recover", "finds what webhooks and synchronization missed",
                                              "recover --account=ID --since=3h --until=1h", Recover);
  range(recover, *recover_options, "24h");
  const auto [runs, runs_options] = add("runs", "readings of ranges, newest first", "runs", Runs);
  account(runs, *runs_options, false);
  const auto [follow, follow_options] =
      add("follow", "waits for the end of a reading", "follow --run=ID",
          [](const SyncOptions& options, bool json) { return Follow(options, json); });
  follow->add_option("--run", follow_options->run, "its id")->required();
  const auto [cancel, cancel_options] = add("cancel", "ends a reading", "cancel --run=ID", Cancel);
  cancel->add_option("--run", cancel_options->run, "its id")->required();
  const auto [pause, pause_options] =
      add("pause", "lets an account, or a reading of a range, rest", "pause --account=ID --reason='moving'", Pause);
  account(pause, *pause_options, false);
  pause->add_option("--run", pause_options->run, "the reading");
  pause->add_option("--reason", pause_options->reason, "why, for others");
  const auto [resume, resume_options] = add("resume", "goes on with it", "resume --account=ID", Resume);
  account(resume, *resume_options, false);
  resume->add_option("--run", resume_options->run, "the reading");
}

}  // namespace trunkline::trunkctl
