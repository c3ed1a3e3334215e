// Accounts at call-tracking platforms, as ProviderAccountService keeps them.
#include "libs/base/text.h"
#include "services/gateway/accounts/account_commands.h"
#include "services/gateway/testing/gateway_fixture.h"
#include "tests/support/fake_api.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using accounts::v1::ProviderAccount;
using accounts::v1::UpdateProviderAccountRequest;

constexpr char kWebhookToken[] = "kX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3nB0rQ7wkX3";

class TrackingAccountsTest : public GatewayFixture {
 protected:
  ProviderAccount Wanted() const {
    ProviderAccount wanted;
    wanted.set_provider("retreaver");
    wanted.set_enabled(true);
    (*wanted.mutable_settings())["company_id"] = "170001";
    (*wanted.mutable_settings())["api_url"] = api_.Url();
    (*wanted.mutable_credentials())["api_key"] = "s3cr3t-api-key";
    (*wanted.mutable_credentials())["webhook_token"] = kWebhookToken;
    return wanted;
  }

  std::string MessageOf(const ProviderAccount& wanted) {
    const absl::StatusOr<AccountRow> row = account_commands_.Create(CallerOf(kOurs), wanted);
    EXPECT_EQ(row.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(row.status().message());
  }

  testing_support::FakeApi api_;
};

TEST_F(TrackingAccountsTest, AnAccountOfAPlatformIsKeptLikeAnyOther) {
  const auto row = account_commands_.Create(CallerOf(kOurs), Wanted());
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_THAT(row->credentials.at("webhook_token"), ::testing::StartsWith("sealed:"));
  EXPECT_EQ(ShowAccount(*row).credentials().at("webhook_token"), "(stored)");
  EXPECT_EQ(account_commands_.Get(CallerOf(kTheirs), row->id).status().code(), absl::StatusCode::kNotFound);
}

TEST_F(TrackingAccountsTest, TheUrlsToEnterHoldNoSecret) {
  const auto row = account_commands_.Create(CallerOf(kOurs), Wanted());
  ASSERT_TRUE(row.ok()) << row.status();
  const auto urls = account_commands_.UrlsToEnter(*row);
  EXPECT_THAT(urls, SizeIs(4));
  EXPECT_THAT(urls.at("ended"), HasSubstr(Concat("https://hooks.example.com/webhooks/retreaver/", row->id,
                                                 "/ended/WEBHOOK_TOKEN?call_uuid=[call_uuid]")));
  for (const auto& [event, url] : urls) EXPECT_THAT(url, Not(HasSubstr(kWebhookToken))) << event;
}

TEST_F(TrackingAccountsTest, WithoutATokenInThePathTheUrlsHaveNoPlaceForIt) {
  ProviderAccount wanted = Wanted();
  (*wanted.mutable_settings())["webhook_modes"] = "static_header";
  (*wanted.mutable_credentials())["webhook_key"] = "0123456789abcdef";
  const auto row = account_commands_.Create(CallerOf(kOurs), wanted);
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_THAT(account_commands_.UrlsToEnter(*row).at("ended"), HasSubstr("/ended?call_uuid="));
}

TEST_F(TrackingAccountsTest, EveryWrongFieldIsNamed) {
  ProviderAccount wanted;
  wanted.set_provider("retreaver");
  (*wanted.mutable_settings())["webhook_modes"] = "verify_by_fetch";
  (*wanted.mutable_settings())["apply_mode"] = "new_calls";
  const std::string message = MessageOf(wanted);
  EXPECT_THAT(message, HasSubstr("account.settings.company_id: company_id is required"));
  EXPECT_THAT(message, HasSubstr("account.credentials.api_key: api_key is required"));
  // An account that anybody could write to receives nothing.
  EXPECT_THAT(message, HasSubstr("account.settings.webhook_modes: webhook_modes must name at least one"));
  EXPECT_THAT(message, HasSubstr("account.settings.apply_from: apply_from is required by apply_mode"));
}

TEST_F(TrackingAccountsTest, NobodyCallsOverIt) {
  ProviderAccount wanted = Wanted();
  wanted.set_is_default(true);
  wanted.mutable_call_rates()->set_per_second(1);
  wanted.add_failover_account_ids(our_account_);
  wanted.mutable_retry_not_placed()->set_attempts(1);
  const std::string message = MessageOf(wanted);
  for (const char* field : {"is_default", "call_rates", "failover_account_ids", "retry_not_placed"}) {
    EXPECT_THAT(message, HasSubstr(Concat("account.", field, ": must not be set")));
  }
  const auto row = account_commands_.Create(CallerOf(kOurs), Wanted());
  ASSERT_TRUE(row.ok()) << row.status();
  UpdateProviderAccountRequest update;
  update.mutable_account()->set_provider_account_id(row->id);
  update.mutable_account()->set_is_default(true);
  update.mutable_update_mask()->add_paths("is_default");
  EXPECT_EQ(account_commands_.Update(CallerOf(kOurs), update).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(account_commands_.Get(CallerOf(kOurs), our_account_)->is_default);

  control::v1::InitiateCallRequest call = Request();
  call.set_provider_account_id(row->id);
  const auto placed = Place(call);
  EXPECT_EQ(ReasonOf(placed.status()), Reason::REASON_UNKNOWN_PROVIDER);
  EXPECT_THAT(std::string(placed.status().message()), HasSubstr("no telephony provider"));

  accounts::v1::PhoneNumber number;
  number.set_number("+12025550144");
  number.set_provider_account_id(row->id);
  EXPECT_EQ(account_commands_.PutNumber(CallerOf(kOurs), number).status().code(), absl::StatusCode::kInvalidArgument);

  // Nor does a call go over to it.
  update.mutable_account()->set_provider_account_id(our_account_);
  update.mutable_account()->add_failover_account_ids(row->id);
  *update.mutable_update_mask()->mutable_paths(0) = "failover_account_ids";
  EXPECT_THAT(std::string(account_commands_.Update(CallerOf(kOurs), update).status().message()),
              HasSubstr("must be an account of a provider that places calls here"));
}

TEST_F(TrackingAccountsTest, ThePlatformIsAskedWhetherTheAccountWorks) {
  const auto row = account_commands_.Create(CallerOf(kOurs), Wanted());
  ASSERT_TRUE(row.ok()) << row.status();
  api_.Answer(200, R"({"company":{"id":170001}})");
  const auto well = account_commands_.Validate(CallerOf(kOurs), row->id);
  ASSERT_TRUE(well.ok()) << well.status();
  EXPECT_THAT(*well, IsEmpty());
  EXPECT_THAT(api_.requests().at(0).target, HasSubstr("s3cr3t-api-key"));

  api_.Answer(401, R"({"error":"s3cr3t-api-key is no key"})");
  const auto refused = account_commands_.Validate(CallerOf(kOurs), row->id);
  ASSERT_TRUE(refused.ok()) << refused.status();
  ASSERT_THAT(*refused, SizeIs(1));
  EXPECT_EQ(refused->front().field, "credentials.api_key");
  EXPECT_THAT(refused->front().message, Not(HasSubstr("s3cr3t")));

  api_.Answer(500, R"({"error":"s3cr3t-api-key broke us"})");
  const auto broken = account_commands_.Validate(CallerOf(kOurs), row->id);
  EXPECT_EQ(ReasonOf(broken.status()), Reason::REASON_PROVIDER_UNAVAILABLE);
  EXPECT_THAT(std::string(broken.status().message()), Not(HasSubstr("s3cr3t")));
}

TEST_F(TrackingAccountsTest, TheDefaultsInSqlAreTheAdapters) {
  const std::vector<std::string> names = platforms_.Names();
  EXPECT_EQ(Count("SELECT count(*) FROM tracking_platforms"), static_cast<int64_t>(names.size()));
  for (const std::string& name : names) {
    const tracking::TrackingPlatform& platform = *platforms_.Find(name);
    const tracking::RequestLimits limits = platform.Limits(tracking::Resource::kCallList);
    const tracking::SyncSettings sync = platform.Defaults().sync;
    EXPECT_EQ(Count(Concat("SELECT count(*) FROM tracking_platforms WHERE platform = '", name,
                           "' AND requests_per_second = ", limits.per_second, " AND requests_per_minute = ",
                           limits.per_minute, " AND sync_interval_seconds = ", absl::ToInt64Seconds(sync.interval),
                           " AND sync_batch_size = ", sync.batch_size)),
              1)
        << name;
  }
}

TEST_F(TrackingAccountsTest, TheViewOfConfiguredAccountsShowsNoCredential) {
  ProviderAccount wanted = Wanted();
  (*wanted.mutable_settings())["requests_per_minute"] = "30";
  (*wanted.mutable_settings())["apply_mode"] = "shadow";
  ASSERT_TRUE(account_commands_.Create(CallerOf(kOurs), wanted).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM provider_configs WHERE type = 'retreaver' AND credential_type = 'api_key' AND "
                  "requests_per_second = 2 AND requests_per_minute = 30 AND apply_mode = 'shadow' AND enabled"),
            1);
  EXPECT_EQ(Count("SELECT count(*) FROM provider_configs c WHERE c::text LIKE '%sealed%'"), 0);
}

TEST_F(TrackingAccountsTest, AWrongNameIsAnsweredWithAllThatThereAre) {
  ProviderAccount wanted;
  wanted.set_provider("nobody");
  EXPECT_THAT(MessageOf(wanted), HasSubstr("there are: retreaver, ringba, scripted, trackdrive"));
}

}  // namespace
}  // namespace trunkline::gateway
