// What the directory remembers, and how soon a change anywhere is known here.
#include "services/gateway/accounts/account_directory.h"

#include "libs/base/text.h"
#include "services/gateway/accounts/account_feed.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

class AccountDirectoryTest : public GatewayFixture {
 protected:
  bool Enabled(AccountDirectory& directory) { return (*directory.Of(kOurs))->at(our_account_).enabled; }
  size_t Rules(AccountDirectory& directory) { return (*directory.LimitsOf(kOurs))->destination_rules.size(); }
  absl::Status SetEnabled(bool enabled) {
    accounts::v1::UpdateProviderAccountRequest request;
    request.mutable_account()->set_provider_account_id(our_account_);
    request.mutable_account()->set_enabled(enabled);
    request.mutable_update_mask()->add_paths("enabled");
    return account_commands_.Update(CallerOf(kOurs), request).status();
  }
  static bool WithinASecond(const std::function<bool()>& holds) {
    const absl::Time end = absl::Now() + absl::Seconds(1);
    while (absl::Now() < end) {
      if (holds()) return true;
      absl::SleepFor(absl::Milliseconds(5));
    }
    return holds();
  }
};

// Another gateway: a directory and a feed of its own.
struct Replica {
  Replica(postgres::Pool& pool, postgres::Pool& worker_pool, const std::string& url, const CredentialVault& vault,
          const Integrations& integrations, const Clock& clock)
      : directory(pool, vault, clock),
        feed(worker_pool, url, vault, integrations, [this] { directory.Invalidate(); }) {}
  AccountDirectory directory;
  AccountFeed feed;
};

TEST_F(AccountDirectoryTest, AChangeIsUsedByEveryReplicaWithinASecond) {
  Replica first(pool_, worker_pool_, database_.UrlOf("trunkline_gateway_worker"), vault_, integrations_, clock_);
  Replica second(pool_, worker_pool_, database_.UrlOf("trunkline_gateway_worker"), vault_, integrations_, clock_);
  ASSERT_TRUE(WithinASecond([&] { return first.feed.status().ok() && second.feed.status().ok(); }));
  for (const bool enabled : {false, true, false}) {
    Enabled(first.directory);
    Enabled(second.directory);
    ASSERT_TRUE(SetEnabled(enabled).ok());
    EXPECT_TRUE(WithinASecond([&] { return Enabled(first.directory) == enabled; }));
    EXPECT_TRUE(WithinASecond([&] { return Enabled(second.directory) == enabled; }));
  }
  accounts::v1::DestinationRule rule;
  rule.set_prefix("+49");
  rule.set_action(accounts::v1::DESTINATION_ACTION_BLOCK);
  EXPECT_EQ(Rules(second.directory), 0);
  ASSERT_TRUE(destination_rules_.Put(CallerOf(kOurs), rule).ok());
  EXPECT_TRUE(WithinASecond([&] { return Rules(second.directory) == 1; }));
  EXPECT_TRUE((*second.directory.LimitsOf(kOurs))->keys.empty());
  const std::string key = NewId();
  Run(Concat("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ('", key, "', '", kOurs,
             "', 'test', sha256('x'))"));
  Run(Concat("INSERT INTO api_key_limits (api_key_id, business_id, calls_per_minute) VALUES ('", key, "', '", kOurs,
             "', 5)"));
  EXPECT_TRUE(WithinASecond([&] { return (*second.directory.LimitsOf(kOurs))->keys.contains(key); }));
}

TEST_F(AccountDirectoryTest, ALostNotificationCostsFiveMinutesAtMost) {
  ASSERT_TRUE(Enabled(directory_));
  // No feed tells this directory.
  Run(Concat("UPDATE telephony_providers SET enabled = false WHERE provider_account_id = '", our_account_, "'"));
  clock_.Advance(absl::Minutes(5) - absl::Microseconds(1));
  EXPECT_TRUE(Enabled(directory_));
  clock_.Advance(absl::Microseconds(1));
  EXPECT_FALSE(Enabled(directory_));
}

}  // namespace
}  // namespace trunkline::gateway
