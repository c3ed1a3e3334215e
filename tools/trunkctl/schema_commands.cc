#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/schema_comparison.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {

void AddSchemaCommands(CLI::App& app, Context& context) {
  struct Options {
    std::string url;
    std::string directory = "deploy/migrations";
  };
  const auto options = std::make_shared<Options>();
  CLI::App* schema = app.add_subcommand("schema", "the tables of the database")->require_subcommand(1);
  CLI::App* validate = schema->add_subcommand(
      "validate", "report tables, columns and indexes that the migrations make and the database lacks");
  validate->footer(
      "Example:\n  trunkctl schema validate --database-url=secret:owner-database-url\n\n"
      "Exit code 0 when nothing is missing, 1 otherwise. Nothing is changed.");
  validate->add_option("--database-url", options->url, "PostgreSQL, as the owner of the schema; may be secret:NAME")
      ->envname("TRUNKLINE_DATABASE_URL")
      ->required();
  validate->add_option("--directory", options->directory, "the migrations")->capture_default_str();
  validate->callback([&context, options] {
    context.run = [&context, options]() -> absl::Status {
      TL_ASSIGN_OR_RETURN(const std::string url, ResolveSecret(options->url, SecretsDirectoryFromEnvironment()));
      TL_ASSIGN_OR_RETURN(const std::vector<std::string> found, postgres::CompareSchema(url, options->directory));
      if (context.json) {
        PrintJson(nlohmann::json{{"missing", found}});
      } else if (found.empty()) {
        PrintLine("the database has everything that the migrations make");
      } else {
        for (const std::string& difference : found) PrintLine(difference);
      }
      if (found.empty()) return absl::OkStatus();
      return absl::FailedPreconditionError(
          ToAbsl(Concat(found.size(), " differences; trunkctl migrate brings what is new")));
    };
  });
}

}  // namespace trunkline::trunkctl
