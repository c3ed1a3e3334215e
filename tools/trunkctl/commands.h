// The commands of trunkctl. Each adds itself to the program; what it does is run after the command line was read.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "absl/status/status.h"

namespace trunkline::trunkctl {

// What all commands share.
struct Context {
  bool json = false;
  // Set by the command that the user chose.
  std::function<absl::Status()> run;
};

void AddDatabaseCommands(CLI::App& app, Context& context);     // migrate
void AddTopicCommands(CLI::App& app, Context& context);        // topics create
void AddBusinessCommands(CLI::App& app, Context& context);     // business create, key create, key revoke
void AddDemoCommand(CLI::App& app, Context& context);          // seed demo
void AddDeadLetterCommands(CLI::App& app, Context& context);   // dead-letters list, show, replay
void AddMaintenanceCommands(CLI::App& app, Context& context);  // maintenance clean-event-sources
void AddCallCommands(CLI::App& app, Context& context);         // call place, get, list, watch, timeline, hold ...
void AddProviderCommands(CLI::App& app, Context& context);     // providers compare
void AddLimitCommands(CLI::App& app, Context& context);        // limits get, set, clear, usage
void AddCampaignCommands(CLI::App& app, Context& context);     // campaign create, start, pause, progress ...
void AddSuppressionCommands(CLI::App& app, Context& context);  // suppression add, remove, list
void AddExplainCommands(CLI::App& app, Context& context);      // explain contact, campaign, call, slot
void AddSealCommand(CLI::App& app, Context& context);          // seal
void AddSchemaCommands(CLI::App& app, Context& context);       // schema validate
void AddTrackingCommands(CLI::App& app, Context& context);     // tracking status, sync, check, numbers ...

// campaign import, export: a part of AddCampaignCommands.
void AddCampaignFileCommands(CLI::App& campaign, Context& context);
// tracking status, sync, backfill, recover, runs, follow, cancel, pause, resume; check, report, reconcile,
// discrepancies; numbers; webhooks: parts of AddTrackingCommands.
void AddSyncCommands(CLI::App& tracking, Context& context);
void AddTrackingCheckCommands(CLI::App& tracking, Context& context);
void AddTrackingNumberCommands(CLI::App& tracking, Context& context);
void AddTrackingWebhookCommands(CLI::App& tracking, Context& context);
// campaign simulate: another.
void AddCampaignSimulateCommand(CLI::App& campaign, Context& context);
// explain slot: a part of AddExplainCommands.
void AddExplainSlotCommand(CLI::App& explain, Context& context);

}  // namespace trunkline::trunkctl
