#include "services/gateway/accounts/environment_accounts.h"

#include "libs/base/environment_seal.h"
#include "libs/base/text.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kToken[] = "kX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3";

class EnvironmentAccountsTest : public GatewayFixture {
 protected:
  std::string Sealed(const std::string& variable, const std::string& value) {
    return SealForEnvironment(kKey, variable, value);
  }

  tracking::Environment Environment() {
    return {{"RETREAVER_ENABLED", "true"},
            {"RETREAVER_COMPANY_ID", "170001"},
            {"RETREAVER_API_KEY_ENCRYPTED", Sealed("RETREAVER_API_KEY_ENCRYPTED", "s3cr3t-api-key")},
            {"RETREAVER_WEBHOOK_TOKEN_ENCRYPTED", Sealed("RETREAVER_WEBHOOK_TOKEN_ENCRYPTED", kToken)}};
  }

  absl::StatusOr<std::vector<AccountRow>> Read(const tracking::Environment& environment,
                                               const std::string& business = kOurs) {
    return EnvironmentAccounts(environment, business, kKey, integrations_, vault_, clock_.Now());
  }
  std::vector<AccountRow> Put(const tracking::Environment& environment) {
    const auto rows = Read(environment);
    EXPECT_TRUE(rows.ok()) << rows.status();
    const absl::Status put = PutEnvironmentAccounts(*rows, pool_, vault_, clock_.Now());
    EXPECT_TRUE(put.ok()) << put;
    return *rows;
  }
};

TEST_F(EnvironmentAccountsTest, AnAccountOfTheEnvironmentIsOneLikeAnyOther) {
  const std::string id = Put(Environment()).at(0).id;
  const auto row = account_commands_.Get(CallerOf(kOurs), id);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_TRUE(row->enabled);
  EXPECT_EQ(row->settings.at("company_id"), "170001");
  EXPECT_EQ(OpenAccount(*row, vault_)->Credential("api_key"), "s3cr3t-api-key");
  EXPECT_EQ(ShowAccount(*row).credentials().at("api_key"), "(stored)");
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE actor = 'environment'"), 1);
}

TEST_F(EnvironmentAccountsTest, AStartWithoutAChangeChangesNothing) {
  const std::string id = Put(Environment()).at(0).id;
  Put(Environment());
  EXPECT_EQ(account_commands_.Get(CallerOf(kOurs), id)->revision, 1);
}

TEST_F(EnvironmentAccountsTest, TheEnvironmentRules) {
  tracking::Environment environment = Environment();
  const std::string id = Put(environment).at(0).id;
  environment["RETREAVER_ENABLED"] = "false";
  environment["RETREAVER_CURRENCY"] = "EUR";
  Put(environment);
  EXPECT_FALSE(account_commands_.Get(CallerOf(kOurs), id)->enabled);
  environment.erase("RETREAVER_CURRENCY");
  Put(environment);
  EXPECT_FALSE(account_commands_.Get(CallerOf(kOurs), id)->settings.contains("currency"));
  // Without the variables the account stays as it is.
  EXPECT_THAT(Put({}), IsEmpty());
  EXPECT_TRUE(account_commands_.Get(CallerOf(kOurs), id).ok());
}

TEST_F(EnvironmentAccountsTest, WhatIsWrongIsNamedAndNeverShown) {
  EXPECT_EQ(Read(Environment(), "").status().code(), absl::StatusCode::kFailedPrecondition);
  tracking::Environment environment = Environment();
  environment["RETREAVER_API_KEY_ENCRYPTED"] = "s3cr3t-in-clear";
  const absl::Status clear = Read(environment).status();
  EXPECT_THAT(std::string(clear.message()), HasSubstr("RETREAVER_API_KEY_ENCRYPTED: must be secret:NAME"));
  EXPECT_THAT(std::string(clear.message()), ::testing::Not(HasSubstr("s3cr3t")));
  // Sealed for another variable.
  environment["RETREAVER_API_KEY_ENCRYPTED"] = Sealed("RETREAVER_WEBHOOK_TOKEN_ENCRYPTED", kToken);
  EXPECT_EQ(Read(environment).status().code(), absl::StatusCode::kInvalidArgument);
  environment = Environment();
  environment.erase("RETREAVER_WEBHOOK_TOKEN_ENCRYPTED");
  EXPECT_THAT(std::string(Read(environment).status().message()), HasSubstr("webhook_token is required"));
}

}  // namespace
}  // namespace trunkline::gateway
