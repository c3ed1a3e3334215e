#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/pool.h"
#include "libs/telephony/money.h"
#include "tools/trunkctl/business_store.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/output.h"

namespace trunkline::trunkctl {
namespace {

// As they are written; 0 and nothing stand for no limit.
struct LimitOptions {
  int64_t calls_per_minute = 0;
  int64_t calls_per_hour = 0;
  int64_t calls_per_day = 0;
  std::string spend_per_day;
  std::string spend_per_month;
  std::string reserve;
  std::string currency;
};

struct BusinessOptions {
  std::string url;
  std::string business_id;
  std::string name;
  std::string api_key_id;
  LimitOptions limits;
};

absl::StatusOr<postgres::PoolOptions> PoolOf(const BusinessOptions& options) {
  TL_ASSIGN_OR_RETURN(std::string url, ResolveSecret(options.url, SecretsDirectoryFromEnvironment()));
  return postgres::PoolOptions{.url = std::move(url), .size = 1};
}

absl::StatusOr<std::optional<int64_t>> AmountOf(const std::string& text, const char* option) {
  if (text.empty()) return std::nullopt;
  const std::optional<int64_t> micros = telephony::ParseMicros(text);
  if (!micros.has_value() || *micros < 0) {
    return absl::InvalidArgumentError(ToAbsl(Concat(option, ": \"", text, "\" is no amount; write it as 12.50")));
  }
  return *micros > 0 ? micros : std::nullopt;
}

absl::StatusOr<KeyLimits> LimitsOf(const LimitOptions& options) {
  const auto count = [](int64_t most) { return most > 0 ? std::optional(most) : std::nullopt; };
  KeyLimits limits;
  limits.calls_per_minute = count(options.calls_per_minute);
  limits.calls_per_hour = count(options.calls_per_hour);
  limits.calls_per_day = count(options.calls_per_day);
  TL_ASSIGN_OR_RETURN(limits.spend_per_day_micros, AmountOf(options.spend_per_day, "--spend-per-day"));
  TL_ASSIGN_OR_RETURN(limits.spend_per_month_micros, AmountOf(options.spend_per_month, "--spend-per-month"));
  TL_ASSIGN_OR_RETURN(const std::optional<int64_t> reserve, AmountOf(options.reserve, "--reserve"));
  limits.reserve_micros = reserve.value_or(0);
  limits.currency = options.currency;
  const bool caps = limits.spend_per_day_micros.has_value() || limits.spend_per_month_micros.has_value();
  const bool is_currency = options.currency.size() == 3 && std::all_of(options.currency.begin(), options.currency.end(),
                                                                       [](char c) { return c >= 'A' && c <= 'Z'; });
  if (caps != is_currency) {
    return absl::InvalidArgumentError(
        "--currency: an amount to spend needs three capital letters, as USD, and these one");
  }
  return limits;
}

absl::Status CreateBusiness(const BusinessOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const postgres::PoolOptions pool_options, PoolOf(options));
  const std::string id = NewUuid(absl::Now());
  postgres::Pool pool(pool_options);
  TL_RETURN_IF_ERROR(pool.InTransaction([&](postgres::Transaction& tx) { return PutBusiness(tx, id, options.name); }));
  json ? PrintJson(nlohmann::json{{"business_id", id}}) : PrintLine(id);
  return absl::OkStatus();
}

absl::Status CreateApiKey(const BusinessOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const postgres::PoolOptions pool_options, PoolOf(options));
  TL_ASSIGN_OR_RETURN(const KeyLimits limits, LimitsOf(options.limits));
  postgres::Pool pool(pool_options);
  TL_ASSIGN_OR_RETURN(const NewKey key, pool.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<NewKey> {
    TL_ASSIGN_OR_RETURN(NewKey created, CreateKey(tx, options.business_id, options.name));
    TL_RETURN_IF_ERROR(PutKeyLimits(tx, created.api_key_id, limits));
    return created;
  }));
  json ? PrintJson(nlohmann::json{{"api_key_id", key.api_key_id}, {"api_key", key.api_key}}) : PrintLine(key.api_key);
  return absl::OkStatus();
}

absl::Status RevokeApiKey(const BusinessOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const postgres::PoolOptions pool_options, PoolOf(options));
  postgres::Pool pool(pool_options);
  TL_RETURN_IF_ERROR(pool.InTransaction([&](postgres::Transaction& tx) { return RevokeKey(tx, options.api_key_id); }));
  json ? PrintJson(nlohmann::json{{"revoked", options.api_key_id}}) : PrintLine(Concat("revoked ", options.api_key_id));
  return absl::OkStatus();
}

absl::Status LimitApiKey(const BusinessOptions& options, bool json) {
  TL_ASSIGN_OR_RETURN(const postgres::PoolOptions pool_options, PoolOf(options));
  TL_ASSIGN_OR_RETURN(const KeyLimits limits, LimitsOf(options.limits));
  postgres::Pool pool(pool_options);
  TL_RETURN_IF_ERROR(
      pool.InTransaction([&](postgres::Transaction& tx) { return PutKeyLimits(tx, options.api_key_id, limits); }));
  const char* done = limits.IsEmpty() ? "unlimited" : "limited";
  json ? PrintJson(nlohmann::json{{done, options.api_key_id}}) : PrintLine(Concat(done, " ", options.api_key_id));
  return absl::OkStatus();
}

void AddLimits(CLI::App* command, LimitOptions* limits) {
  command->add_option("--calls-per-minute", limits->calls_per_minute, "most calls in any minute; 0: unlimited");
  command->add_option("--calls-per-hour", limits->calls_per_hour, "most calls in any hour");
  command->add_option("--calls-per-day", limits->calls_per_day, "most calls in any 24 hours");
  command->add_option("--spend-per-day", limits->spend_per_day, "what its calls of a day (UTC) may cost, as 25.00");
  command->add_option("--spend-per-month", limits->spend_per_month, "what its calls of a month (UTC) may cost");
  command->add_option("--reserve", limits->reserve, "what a call counts for until its cost is known");
  command->add_option("--currency", limits->currency, "of the three amounts, as USD");
}

}  // namespace

void AddBusinessCommands(CLI::App& app, Context& context) {
  // BusinessOptions of its own for each command: CLI11 also reads the environment for those that were not chosen.
  const auto add = [&context](CLI::App* command, const char* example,
                              absl::Status (*run)(const BusinessOptions&, bool)) {
    auto options = std::make_shared<BusinessOptions>();
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

  AddLimits(create_key, &new_key->limits);

  CLI::App* limit_key = key->add_subcommand(
      "limit", "give an API key other limits, in place of those it has; none: unlimited. In force within a second");
  const auto limited_key = add(limit_key,
                               "trunkctl key limit --key=0190b2c3-0000-7000-8000-000000000001 --calls-per-minute=60 "
                               "--spend-per-day=25.00 --reserve=0.05 --currency=USD",
                               LimitApiKey);
  limit_key->add_option("--key", limited_key->api_key_id, "api_key_id")->required();
  AddLimits(limit_key, &limited_key->limits);

  CLI::App* revoke_key = key->add_subcommand("revoke", "revoke an API key; it stops working within 30 seconds");
  const auto old_key = add(revoke_key, "trunkctl key revoke --key=0190b2c3-0000-7000-8000-000000000001", RevokeApiKey);
  revoke_key->add_option("--key", old_key->api_key_id, "api_key_id")->required();
}

}  // namespace trunkline::trunkctl
