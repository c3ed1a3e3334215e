#include <memory>
#include <nlohmann/json.hpp>

#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/migrations.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {

void AddDatabaseCommands(CLI::App& app, Context& context) {
  struct Options {
    std::string url;
    std::string directory = "deploy/migrations";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* migrate = app.add_subcommand("migrate", "bring the database up to the newest migration");
  migrate->footer(
      "Example:\n  trunkctl migrate --database-url=secret:owner-database-url --directory=deploy/migrations");
  migrate->add_option("--database-url", options->url, "PostgreSQL, as the owner of the schema; may be secret:NAME")
      ->envname("TRUNKLINE_DATABASE_URL")
      ->required();
  migrate->add_option("--directory", options->directory, "the migrations")->capture_default_str();
  migrate->callback([&context, options] {
    context.run = [&context, options]() -> absl::Status {
      TL_ASSIGN_OR_RETURN(const std::string url, ResolveSecret(options->url, SecretsDirectoryFromEnvironment()));
      TL_ASSIGN_OR_RETURN(const std::vector<std::string> done, postgres::Migrate(url, options->directory));
      if (context.json) {
        PrintJson(nlohmann::json{{"applied", done}});
      } else if (done.empty()) {
        PrintLine("the database is up to date");
      } else {
        for (const std::string& name : done) PrintLine(Concat("applied ", name));
      }
      return absl::OkStatus();
    };
  });
}

}  // namespace trunkline::trunkctl
