#include "services/gateway/accounts/account_commands.h"

#include <atomic>
#include <thread>

#include "libs/base/text.h"
#include "services/gateway/accounts/account_feed.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using accounts::v1::ProviderAccount;
using accounts::v1::UpdateProviderAccountRequest;

class AccountCommandsTest : public GatewayFixture {
 protected:
  UpdateProviderAccountRequest Rename(const std::string& name, const std::string& etag) {
    UpdateProviderAccountRequest request;
    request.mutable_account()->set_provider_account_id(our_account_);
    request.mutable_account()->set_display_name(name);
    request.mutable_account()->set_etag(etag);
    request.mutable_update_mask()->add_paths("display_name");
    return request;
  }
};

TEST_F(AccountCommandsTest, CredentialsAreSealedAndNeverShown) {
  const auto row = account_commands_.Get(CallerOf(kOurs), our_account_);
  ASSERT_TRUE(row.ok());
  EXPECT_THAT(row->credentials.at("token"), ::testing::StartsWith("sealed:"));
  EXPECT_THAT(row->credentials.at("token"), ::testing::Not(HasSubstr("very secret")));
  EXPECT_EQ(ShowAccount(*row).credentials().at("token"), "(stored)");
  EXPECT_EQ(OpenAccount(*row, vault_)->Credential("token"), "very secret");
  // Moved to another account it does not open.
  AccountRow other = *row;
  other.id = their_account_;
  EXPECT_EQ(OpenAccount(other, vault_).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE detail::text LIKE '%secret%'"), 0);
}

TEST_F(AccountCommandsTest, EveryWrongFieldIsNamed) {
  ProviderAccount wanted;
  wanted.set_provider("scripted");
  wanted.set_display_name(std::string(300, 'x'));
  (*wanted.mutable_credentials())["token"] = "secret:not-there";
  const absl::Status status = account_commands_.Create(CallerOf(kOurs), wanted).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("account.display_name"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("account.credentials.token"));
  ProviderAccount unknown;
  unknown.set_provider("nobody");
  EXPECT_EQ(ReasonOf(account_commands_.Create(CallerOf(kOurs), unknown).status()), Reason::REASON_UNKNOWN_PROVIDER);
  ProviderAccount incomplete;
  incomplete.set_provider("scripted");
  EXPECT_THAT(std::string(account_commands_.Create(CallerOf(kOurs), incomplete).status().message()),
              HasSubstr("account.credentials.token: is needed"));
}

TEST_F(AccountCommandsTest, AWrongSourceAddressIsNamed) {
  const auto wanted = [](const std::string& addresses) {
    ProviderAccount account;
    account.set_provider("scripted");
    (*account.mutable_credentials())["token"] = "t";
    (*account.mutable_settings())["webhook_source_addresses"] = addresses;
    return account;
  };
  const absl::Status refused = account_commands_.Create(CallerOf(kOurs), wanted("203.0.113.0/24, 10.0.0.1/8")).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("account.settings.webhook_source_addresses: \"10.0.0.1/8\" is neither"));
  UpdateProviderAccountRequest request;
  *request.mutable_account() = wanted("everywhere");
  request.mutable_account()->set_provider_account_id(our_account_);
  request.mutable_update_mask()->add_paths("settings");
  EXPECT_THAT(std::string(account_commands_.Update(CallerOf(kOurs), request).status().message()),
              HasSubstr("\"everywhere\""));
  (*request.mutable_account()->mutable_settings())["webhook_source_addresses"] = "203.0.113.0/24,2001:db8::/32";
  const auto updated = account_commands_.Update(CallerOf(kOurs), request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->settings.at("webhook_source_addresses"), "203.0.113.0/24,2001:db8::/32");
}

TEST_F(AccountCommandsTest, AnUpdateChangesWhatTheMaskNames) {
  UpdateProviderAccountRequest request = Rename("new name", "");
  request.mutable_account()->set_enabled(false);
  (*request.mutable_account()->mutable_credentials())["token"] = "(stored)";
  (*request.mutable_account()->mutable_credentials())["other"] = "second";
  request.mutable_update_mask()->add_paths("credentials");
  const auto updated = account_commands_.Update(CallerOf(kOurs), request);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->display_name, "new name");
  EXPECT_TRUE(updated->enabled);
  EXPECT_EQ(OpenAccount(*updated, vault_)->Credential("token"), "very secret");
  EXPECT_EQ(OpenAccount(*updated, vault_)->Credential("other"), "second");
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE action = 'provider_account.update'"), 1);
}

TEST_F(AccountCommandsTest, OfManyUpdatesWithOneEtagOneWins) {
  const std::string etag = ShowAccount(*account_commands_.Get(CallerOf(kOurs), our_account_)).etag();
  std::atomic<int> won = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        const auto updated = account_commands_.Update(CallerOf(kOurs), Rename(Concat("name ", i), etag));
        if (updated.ok()) {
          ++won;
        } else {
          EXPECT_EQ(ReasonOf(updated.status()), Reason::REASON_ETAG_MISMATCH);
        }
      });
    }
  }
  EXPECT_EQ(won, 1);
}

TEST_F(AccountCommandsTest, ABusinessHasOneDefaultAccount) {
  const std::string second = AddAccount(kOurs, "+12025550111");
  EXPECT_FALSE(account_commands_.Get(CallerOf(kOurs), our_account_)->is_default);
  EXPECT_TRUE(account_commands_.Get(CallerOf(kOurs), second)->is_default);
  EXPECT_TRUE(account_commands_.Get(CallerOf(kTheirs), their_account_)->is_default);
}

TEST_F(AccountCommandsTest, PagesHoldEveryAccountOnce) {
  for (int i = 0; i < 4; ++i) {
    clock_.Advance(absl::Seconds(1 - i % 2));  // some at the same time
    AddAccount(kOurs, Concat("+1202555011", i));
  }
  std::vector<std::string> seen;
  accounts::v1::ListProviderAccountsRequest request;
  request.set_page_size(2);
  do {
    const auto page = account_commands_.List(CallerOf(kOurs), request);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->accounts_size(), 2);
    for (const ProviderAccount& account : page->accounts()) seen.push_back(account.provider_account_id());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  EXPECT_THAT(seen, SizeIs(5));
  EXPECT_THAT(std::set<std::string>(seen.begin(), seen.end()), SizeIs(5));
  EXPECT_EQ(seen[0], our_account_);
}

TEST_F(AccountCommandsTest, AChangeElsewhereReachesTheFeedAndTheDirectory) {
  class Keeper final : public AccountFeed::Subscriber {
   public:
    void Offer(const AccountFeed::Snapshot& snapshot) override {
      const std::lock_guard lock(mutex_);
      latest_ = snapshot;
      offered_.notify_all();
    }
    void End(const absl::Status& status) override {
      const std::lock_guard lock(mutex_);
      end_ = status;
    }
    AccountFeed::Snapshot WaitForSize(int size) {
      std::unique_lock lock(mutex_);
      EXPECT_TRUE(offered_.wait_for(lock, std::chrono::seconds(20),
                                    [&] { return latest_ != nullptr && latest_->accounts_size() == size; }));
      return latest_;
    }
    absl::Status end_;

   private:
    std::mutex mutex_;
    std::condition_variable offered_;
    AccountFeed::Snapshot latest_;
  };
  ASSERT_TRUE(directory_.Of(kOurs).ok());
  AccountFeed feed(worker_pool_, database_.UrlOf("trunkline_gateway_worker"), vault_, integrations_,
                   [this] { directory_.Invalidate(); });
  const auto keeper = std::make_shared<Keeper>();
  ASSERT_TRUE(feed.Subscribe(keeper).ok());
  const auto both = keeper->WaitForSize(2);
  EXPECT_EQ(both->accounts(0).credentials().at("token"), "very secret");
  Run(Concat("UPDATE telephony_providers SET enabled = false WHERE provider_account_id = '", our_account_, "'"));
  EXPECT_EQ(keeper->WaitForSize(1)->accounts(0).provider_account_id(), their_account_);
  // The directory was told before the snapshot was read.
  EXPECT_FALSE((*directory_.Of(kOurs))->at(our_account_).enabled);
  // A listener whose connection is cut comes back and has missed nothing.
  Run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE "
      "'LISTEN%'");
  Run(Concat("UPDATE telephony_providers SET enabled = true WHERE provider_account_id = '", our_account_, "'"));
  keeper->WaitForSize(2);
  feed.Close();
  EXPECT_EQ(ReasonOf(keeper->end_), Reason::REASON_SHUTTING_DOWN);
}

TEST_F(AccountCommandsTest, ValidationTellsWhatTheProviderFound) {
  EXPECT_TRUE(account_commands_.Validate(CallerOf(kOurs), our_account_)->empty());
  client_.problems = {{.field = "credentials.token", .reason = "WRONG", .message = "the provider does not know it"}};
  EXPECT_THAT(*account_commands_.Validate(CallerOf(kOurs), our_account_), SizeIs(1));
}

}  // namespace
}  // namespace trunkline::gateway
