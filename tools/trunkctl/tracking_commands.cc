// trunkctl tracking.
#include "tools/trunkctl/commands.h"

namespace trunkline::trunkctl {

void AddTrackingCommands(CLI::App& app, Context& context) {
  CLI::App* tracking = app.add_subcommand("tracking", "call-tracking platforms")->require_subcommand(1);
  AddSyncCommands(*tracking, context);
  AddTrackingCheckCommands(*tracking, context);
  AddTrackingNumberCommands(*tracking, context);
  AddTrackingWebhookCommands(*tracking, context);
}

}  // namespace trunkline::trunkctl
