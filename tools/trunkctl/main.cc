// trunkctl: the operator's command line.
//
// Exit codes: 0 done, 1 failed, 2 wrong command line.
#include <CLI/CLI.hpp>
#include <cstdio>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "tools/trunkctl/commands.h"

int main(int argc, char** argv) {
  using namespace trunkline;
  StartLog("trunkctl", LogLevel::kError);

  CLI::App app("The operator's command line of Trunkline.", "trunkctl");
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(
      "Examples:\n"
      "  trunkctl migrate --database-url=secret:owner-database-url\n"
      "  trunkctl topics create --kafka-bootstrap=127.0.0.1:9092\n"
      "  trunkctl key create --business=ID --name=crm\n"
      "  trunkctl call place --to=+15550100002 --wait\n"
      "  trunkctl campaign create --file=campaign.json\n\n"
      "'trunkctl COMMAND --help' tells more of a command. Exit codes: 0 done, 1 failed, 2 wrong command line.");
  trunkctl::Context context;
  app.add_flag("--json", context.json, "print results as JSON, one object a line");
  trunkctl::AddDatabaseCommands(app, context);
  trunkctl::AddTopicCommands(app, context);
  trunkctl::AddBusinessCommands(app, context);
  trunkctl::AddDemoCommand(app, context);
  trunkctl::AddDeadLetterCommands(app, context);
  trunkctl::AddMaintenanceCommands(app, context);
  trunkctl::AddCallCommands(app, context);
  trunkctl::AddProviderCommands(app, context);
  trunkctl::AddLimitCommands(app, context);
  trunkctl::AddCampaignCommands(app, context);
  trunkctl::AddSuppressionCommands(app, context);
  trunkctl::AddExplainCommands(app, context);
  trunkctl::AddSchemaCommands(app, context);
  trunkctl::AddTrackingCommands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : 2;
  }
  const absl::Status status = context.run();
  if (status.ok()) return 0;
  const Reason reason = ReasonOf(status);
  std::fprintf(
      stderr, "trunkctl: %s%s%s\n", std::string(status.message()).c_str(),
      reason == Reason::REASON_UNSPECIFIED ? "" : " ",
      reason == Reason::REASON_UNSPECIFIED ? "" : ("(" + errors::v1::Reason_Name(reason).substr(7) + ")").c_str());
  return 1;
}
