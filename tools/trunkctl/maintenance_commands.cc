#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/pool.h"
#include "tools/trunkctl/age.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {
namespace {

struct MaintenanceOptions {
  std::string url;
  std::string older_than = "90d";
  int batch = 10'000;
};

// Batch by batch, each in a transaction of its own, so that the normalizer never waits for long.
absl::StatusOr<int64_t> CleanEventSources(const MaintenanceOptions& options) {
  TL_ASSIGN_OR_RETURN(const absl::Duration age, ParseAge(options.older_than));
  TL_ASSIGN_OR_RETURN(const std::string url, ResolveSecret(options.url, SecretsDirectoryFromEnvironment()));
  postgres::Pool pool({.url = url, .size = 1});
  int64_t total = 0;
  int64_t deleted = 0;
  do {
    TL_ASSIGN_OR_RETURN(deleted, pool.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<int64_t> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows,
                          tx.Execute("SELECT clean_call_event_sources(make_interval(secs => $1::bigint), $2)",
                                     {absl::ToInt64Seconds(age), options.batch}));
      return rows.Integer(0, 0);
    }));
    total += deleted;
  } while (deleted == options.batch);
  return total;
}

}  // namespace

void AddMaintenanceCommands(CLI::App& app, Context& context) {
  const auto options = std::make_shared<MaintenanceOptions>();
  CLI::App* maintenance = app.add_subcommand("maintenance", "keeping house")->require_subcommand(1);
  CLI::App* clean = maintenance->add_subcommand(
      "clean-event-sources", "delete old rows of call_event_sources, the ledger of events that were stored");
  clean->footer(
      "An event whose row is gone is stored a second time if its webhook comes again; so keep rows for as long as a\n"
      "provider, a reconciliation or a replayed dead letter can send it. Less than 8 days is refused.\n\n"
      "Example:\n  trunkctl maintenance clean-event-sources --older-than=90d");
  clean->add_option("--database-url", options->url, "PostgreSQL, as the owner of the schema; may be secret:NAME")
      ->envname("TRUNKLINE_DATABASE_URL")
      ->required();
  clean->add_option("--older-than", options->older_than, "age of the rows that go")->capture_default_str();
  clean->add_option("--batch", options->batch, "rows in one transaction")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  clean->callback([&context, options] {
    context.run = [&context, options]() -> absl::Status {
      TL_ASSIGN_OR_RETURN(const int64_t deleted, CleanEventSources(*options));
      context.json ? PrintJson(nlohmann::json{{"deleted", deleted}}) : PrintLine(Concat("deleted ", deleted, " rows"));
      return absl::OkStatus();
    };
  });
}

}  // namespace trunkline::trunkctl
