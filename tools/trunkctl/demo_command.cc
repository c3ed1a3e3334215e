#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "libs/base/ids.h"
#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/grpc_status.h"
#include "tools/trunkctl/business_store.h"
#include "tools/trunkctl/commands.h"
#include "tools/trunkctl/gateway_client.h"
#include "tools/trunkctl/output.h"
#include "trunkline/accounts/v1/provider_account_service.grpc.pb.h"

namespace trunkline::trunkctl {
namespace {

constexpr absl::Duration kDemoTimeout = absl::Seconds(20);

struct DemoOptions {
  std::string url;
  GatewayOptions gateway;
  std::string provider;
  std::vector<std::string> settings;     // name=value
  std::vector<std::string> credentials;  // name=value
  std::string number = "+15550100001";
};

// "name=value" pairs.
absl::StatusOr<std::map<std::string, std::string>> PairsOf(const std::vector<std::string>& texts) {
  std::map<std::string, std::string> pairs;
  for (const std::string& text : texts) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos)
      return absl::InvalidArgumentError("settings and credentials are written name=value");
    pairs[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return pairs;
}

// What a caller hears, and what an answered call does.
plans::v1::CallPlan DemoPlan() {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_say()->set_text("Hello from Trunkline. This call works.");
  plan.add_verbs()->mutable_hangup();
  return plan;
}

absl::StatusOr<std::optional<std::string>> FindAccount(postgres::Transaction& tx, const std::string& business_id) {
  TL_ASSIGN_OR_RETURN(
      const postgres::Result rows,
      tx.Execute("SELECT p.provider_account_id FROM telephony_providers p JOIN business_phone_numbers n "
                 "USING (business_id, provider_account_id) WHERE business_id = $1 AND p.is_default",
                 {business_id}));
  if (rows.empty()) return std::nullopt;
  return rows.String(0, 0);
}

absl::StatusOr<std::string> CreateAccount(const DemoOptions& options) {
  auto stub = accounts::v1::ProviderAccountService::NewStub(options.gateway.Connect());
  accounts::v1::CreateProviderAccountRequest request;
  accounts::v1::ProviderAccount& account = *request.mutable_account();
  account.set_provider(options.provider);
  account.set_display_name("demo");
  account.set_enabled(true);
  account.set_is_default(true);
  TL_ASSIGN_OR_RETURN(const auto settings, PairsOf(options.settings));
  account.mutable_settings()->insert(settings.begin(), settings.end());
  TL_ASSIGN_OR_RETURN(const auto credentials, PairsOf(options.credentials));
  account.mutable_credentials()->insert(credentials.begin(), credentials.end());
  accounts::v1::CreateProviderAccountResponse response;
  grpc::ClientContext context;
  options.gateway.Prepare(&context, kDemoTimeout);
  context.set_wait_for_ready(true);
  TL_RETURN_IF_ERROR(
      Annotate(rpc::FromGrpc(stub->CreateProviderAccount(&context, request, &response)), "creating the account"));

  accounts::v1::PutPhoneNumberRequest number;
  number.mutable_phone_number()->set_number(options.number);
  number.mutable_phone_number()->set_provider_account_id(response.account().provider_account_id());
  number.mutable_phone_number()->set_is_default(true);
  *number.mutable_phone_number()->mutable_inbound_plan() = DemoPlan();
  accounts::v1::PutPhoneNumberResponse put;
  grpc::ClientContext put_context;
  options.gateway.Prepare(&put_context, kDemoTimeout);
  TL_RETURN_IF_ERROR(Annotate(rpc::FromGrpc(stub->PutPhoneNumber(&put_context, number, &put)), "adding the number"));
  return response.account().provider_account_id();
}

absl::Status SeedDemo(DemoOptions options, bool json) {
  TL_ASSIGN_OR_RETURN(const std::string url, ResolveSecret(options.url, SecretsDirectoryFromEnvironment()));
  postgres::Pool pool({.url = url, .size = 1});
  const std::string business_id = UuidOfName("business", "demo");
  TL_ASSIGN_OR_RETURN(std::optional<std::string> account_id,
                      pool.InTransaction([&](postgres::Transaction& tx) { return FindAccount(tx, business_id); }));
  nlohmann::json result = {{"business_id", business_id}, {"number", options.number}};
  if (!account_id.has_value()) {
    TL_ASSIGN_OR_RETURN(const NewKey key, pool.InTransaction([&](postgres::Transaction& tx) -> absl::StatusOr<NewKey> {
      TL_RETURN_IF_ERROR(PutBusiness(tx, business_id, "Demo"));
      return CreateKey(tx, business_id, "demo");
    }));
    result["api_key"] = key.api_key;
    options.gateway.api_key = key.api_key;
    TL_ASSIGN_OR_RETURN(account_id, CreateAccount(options));
  }
  result["provider_account_id"] = *account_id;
  if (json) {
    PrintJson(result);
  } else {
    for (const auto& [name, value] : result.items()) PrintLine(Concat(name, "=", value.get<std::string>()));
  }
  return absl::OkStatus();
}

}  // namespace

void AddDemoCommand(CLI::App& app, Context& context) {
  const auto options = std::make_shared<DemoOptions>();
  CLI::App* seed = app.add_subcommand("seed", "data to try Trunkline out with")->require_subcommand(1);
  CLI::App* demo = seed->add_subcommand("demo", "a business with an API key, a provider account and a number; once");
  demo->footer(
      "The API key is told when it is made, and left out when the demo business is there already.\n\nExample:\n"
      "  trunkctl seed demo --provider=NAME --setting=api_url=http://127.0.0.1:9000 --credential=auth_token=TOKEN "
      "--json");
  demo->add_option("--database-url", options->url, "PostgreSQL, as the owner of the schema; may be secret:NAME")
      ->envname("TRUNKLINE_DATABASE_URL")
      ->required();
  options->gateway.AddTo(*demo);
  demo->add_option("--provider", options->provider, "the provider of the account")->required();
  demo->add_option("--setting", options->settings, "a setting of the account, name=value; may be repeated");
  demo->add_option("--credential", options->credentials, "a credential of the account, name=value; may be repeated")
      ->envname("TRUNKLINE_DEMO_CREDENTIAL");
  demo->add_option("--number", options->number, "the business's number")->capture_default_str();
  demo->callback(
      [&context, options] { context.run = [&context, options] { return SeedDemo(*options, context.json); }; });
}

}  // namespace trunkline::trunkctl
