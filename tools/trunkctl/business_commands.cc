#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/pool.h"
#include "tools/trunkctl/business_store.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {
namespace {

struct Options {
  std::string url;
  std::string business_id;
  std::string name;
  std::string api_key_id;
};

absl::StatusOr<postgres::PoolOptions> PoolOf(const Options& options) {
  TL_ASSIGN_OR_RETURN(std::string url, ResolveSecret(options.url, SecretsDirectoryFromEnvironment()));
  return postgres::PoolOptions{.url = std::move(url), .size = 1};
}

absl::Status CreateBusiness(const Options& options, bool json) {
  TL_ASSIGN_OR_RETURN(const postgres::PoolOptions pool_options, PoolOf(options));
  const std::string id = NewUuid(absl::Now());
  postgres::Pool pool(pool_options);
  TL_RETURN_IF_ERROR(pool.InTransaction([&](postgres::Transaction& tx) { return PutBusiness(tx, id, options.name); }));
  json ? PrintJson(nlohmann::json{{"business_id", id}}) : PrintLine(id);
  return absl::OkStatus();
}

absl::Status CreateApiKey(const Options& options, bool json) {
  TL_ASSIGN_OR_RETURN(const postgres::PoolOptions pool_options, PoolOf(options));
  postgres::Pool pool(pool_options);
  TL_ASSIGN_OR_RETURN(const NewKey key, pool.InTransaction([&](postgres::Transaction& tx) {
    return CreateKey(tx, options.business_id, options.name);
  }));
  json ? PrintJson(nlohmann::json{{"api_key_id", key.api_key_id}, {"api_key", key.api_key}}) : PrintLine(key.api_key);
  return absl::OkStatus();
}

absl::Status RevokeApiKey(const Options& options, bool json) {
  TL_ASSIGN_OR_RETURN(const postgres::PoolOptions pool_options, PoolOf(options));
  postgres::Pool pool(pool_options);
  TL_RETURN_IF_ERROR(pool.InTransaction([&](postgres::Transaction& tx) { return RevokeKey(tx, options.api_key_id); }));
  json ? PrintJson(nlohmann::json{{"revoked", options.api_key_id}}) : PrintLine(Concat("revoked ", options.api_key_id));
  return absl::OkStatus();
}

}  // namespace

void AddBusinessCommands(CLI::App& app, Context& context) {
  // Options of its own for each command: CLI11 also reads the environment for those that were not chosen.
  const auto add = [&context](CLI::App* command, const char* example, absl::Status (*run)(const Options&, bool)) {
    auto options = std::make_shared<Options>();
    command->footer(std::string("Example:\n  ") + example);
    command->add_option("--database-url", options->url, "PostgreSQL, as the owner of the schema; may be secret:NAME")
        ->envname("TRUNKLINE_DATABASE_URL")
        ->required();
    command->callback(
        [&context, options, run] { context.run = [&context, options, run] { return run(*options, context.json); }; });
    return options;
  };

  CLI::App* business = app.add_subcommand("business", "tenants")->require_subcommand(1);
  CLI::App* create_business = business->add_subcommand("create", "create a business");
  const auto new_business = add(create_business, "trunkctl business create --name='Acme Roofing'", CreateBusiness);
  create_business->add_option("--name", new_business->name, "a name for people")->required();

  CLI::App* key = app.add_subcommand("key", "API keys")->require_subcommand(1);
  CLI::App* create_key = key->add_subcommand("create", "create an API key; it is shown this once");
  const auto new_key =
      add(create_key, "trunkctl key create --business=0190b2c3-0000-7000-8000-000000000001 --name=crm", CreateApiKey);
  create_key->add_option("--business", new_key->business_id, "business_id")->required();
  create_key->add_option("--name", new_key->name, "what the key is for")->required();

  CLI::App* revoke_key = key->add_subcommand("revoke", "revoke an API key; it stops working within 30 seconds");
  const auto old_key = add(revoke_key, "trunkctl key revoke --key=0190b2c3-0000-7000-8000-000000000001", RevokeApiKey);
  revoke_key->add_option("--key", old_key->api_key_id, "api_key_id")->required();
}

}  // namespace trunkline::trunkctl
