#include <memory>
#include <nlohmann/json.hpp>

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
  const auto options = std::make_shared<Options>();
  const auto with_database = [options](CLI::App* command) {
    command->add_option("--database-url", options->url, "PostgreSQL, as the owner of the schema; may be secret:NAME")
        ->envname("TRUNKLINE_DATABASE_URL")
        ->required();
    return command;
  };
  const auto runs = [&context, options](absl::Status (*command)(const Options&, bool)) {
    return [&context, options, command] {
      context.run = [&context, options, command] { return command(*options, context.json); };
    };
  };

  CLI::App* business = app.add_subcommand("business", "tenants")->require_subcommand(1);
  CLI::App* create_business = with_database(business->add_subcommand("create", "create a business"));
  create_business->footer("Example:\n  trunkctl business create --name='Acme Roofing'");
  create_business->add_option("--name", options->name, "a name for people")->required();
  create_business->callback(runs(CreateBusiness));

  CLI::App* key = app.add_subcommand("key", "API keys")->require_subcommand(1);
  CLI::App* create_key = with_database(key->add_subcommand("create", "create an API key; it is shown this once"));
  create_key->footer("Example:\n  trunkctl key create --business=0190b2c3-0000-7000-8000-000000000001 --name=crm");
  create_key->add_option("--business", options->business_id, "business_id")->required();
  create_key->add_option("--name", options->name, "what the key is for")->required();
  create_key->callback(runs(CreateApiKey));
  CLI::App* revoke_key =
      with_database(key->add_subcommand("revoke", "revoke an API key; it stops working within 30 seconds"));
  revoke_key->footer("Example:\n  trunkctl key revoke --key=0190b2c3-0000-7000-8000-000000000001");
  revoke_key->add_option("--key", options->api_key_id, "api_key_id")->required();
  revoke_key->callback(runs(RevokeApiKey));
}

}  // namespace trunkline::trunkctl
