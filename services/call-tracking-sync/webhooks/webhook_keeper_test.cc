#include "services/call-tracking-sync/webhooks/webhook_keeper.h"

#include "libs/accounts/account_directory.h"
#include "libs/tracking/webhook_modes.h"
#include "services/call-tracking-sync/testing/memory_fixture.h"
#include "services/call-tracking-sync/webhooks/webhook_requests.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using tracking::v1::WebhookRegistration;
namespace v1 = tracking::v1;

constexpr char kToken[] = "T0ken-of-43-characters-aaaaaaaaaaaaaaaaaaaaa";
constexpr char kOtherToken[] = "0ther-of-43-characters-bbbbbbbbbbbbbbbbbbbbb";

class WebhookKeeperTest : public MemoryFixture {
 protected:
  WebhookKeeperTest() { SetToken(kToken); }

  void SetToken(const std::string& token) {
    tracked_ = account_;
    tracked_.credentials[std::string(tracking::kWebhookToken)] = token;
    directory_.Set(std::make_shared<const accounts::AccountSnapshot>(std::vector<tracking::Account>{tracked_}));
  }
  AccountAtWork Ours(int64_t epoch = 1) {
    const AccountAtWork work = Work(epoch);
    return {.account = tracked_, .platform = work.platform, .fence = work.fence, .send_records = work.send_records};
  }
  WebhookRegistration Wish(bool is_wanted) {
    auto registration = requests_.Wish(Us(), kAccount, is_wanted);
    EXPECT_TRUE(registration.ok()) << registration.status();
    return registration.value_or(WebhookRegistration());
  }
  WebhookRegistration Get() { return requests_.Get(kOurs, kAccount).value(); }
  // Turns until nothing is due; how many there were.
  int WorkThrough() {
    for (int turns = 0; turns < 10; ++turns) {
      const absl::StatusOr<bool> worked = keeper_.WorkOn(Ours());
      EXPECT_TRUE(worked.ok()) << worked.status();
      if (!worked.value_or(false)) return turns;
    }
    return 10;
  }

  tracking::Account tracked_;
  accounts::AccountDirectory directory_;
  TrackedAccounts accounts_{platforms_, directory_};
  WebhookRequests requests_{pool_, platforms_, accounts_, clock_};
  std::vector<std::string> outcomes_;
  int64_t lost_ = 0;
  WebhookKeeper keeper_{worker_pool_, clock_, {}, [this](std::string_view, std::string_view outcome, int64_t lost) {
                          outcomes_.emplace_back(outcome);
                          lost_ += lost;
                        }};
};

TEST_F(WebhookKeeperTest, WhatThePlatformTakesIsEnteredAndTheRestIsForAPerson) {
  client().webhook_events = {"ended"};
  EXPECT_EQ(Get().state(), v1::WEBHOOK_REGISTRATION_STATE_NONE);
  EXPECT_EQ(Wish(true).state(), v1::WEBHOOK_REGISTRATION_STATE_PENDING);
  EXPECT_EQ(WorkThrough(), 1);

  const WebhookRegistration registration = Get();
  EXPECT_EQ(registration.state(), v1::WEBHOOK_REGISTRATION_STATE_REGISTERED);
  EXPECT_TRUE(registration.person_needed());
  ASSERT_EQ(registration.webhooks_size(), 2);
  EXPECT_EQ(registration.webhooks(0).event(), "started");
  EXPECT_EQ(registration.webhooks(0).external_id(), "");
  EXPECT_THAT(registration.webhooks(0).url(), HasSubstr("/started/WEBHOOK_TOKEN"));
  EXPECT_EQ(registration.webhooks(1).external_id(), "W1");
  ASSERT_THAT(client().webhooks, SizeIs(1));
  EXPECT_THAT(client().webhooks[0].url, HasSubstr(kToken));
  EXPECT_EQ(Count("SELECT count(*) FROM audit_log WHERE action = 'tracking_webhooks.register' AND actor = "
                  "'api-key:us'"),
            1);
}

TEST_F(WebhookKeeperTest, NoSecretIsInAReplyOrATable) {
  client().webhook_events = {"ended", "started"};
  Wish(true);
  WorkThrough();
  EXPECT_THAT(Get().ShortDebugString(), Not(HasSubstr(kToken)));
  EXPECT_EQ(Count("SELECT count(*) FROM tracking_webhook_registrations r, tracking_webhooks w WHERE r::text || w::text "
                  "LIKE '%T0ken%'"),
            0);
}

TEST_F(WebhookKeeperTest, WithoutAnApiEverythingIsForAPerson) {
  Wish(true);
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(Get().state(), v1::WEBHOOK_REGISTRATION_STATE_REGISTERED);
  EXPECT_TRUE(Get().person_needed());
  EXPECT_EQ(Get().webhooks_size(), 2);
  Wish(false);
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(Get().state(), v1::WEBHOOK_REGISTRATION_STATE_UNREGISTERED);
  EXPECT_TRUE(Get().person_needed());
}

TEST_F(WebhookKeeperTest, AskedTwiceAndAfterALostAnswerTheyStandOnce) {
  client().webhook_events = {"ended", "started"};
  client().failures = {MemoryClient::Failure(v1::TRACKING_ERROR_CODE_TIMEOUT)};
  client().makes_in_spite = true;
  Wish(true);
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(Get().state(), v1::WEBHOOK_REGISTRATION_STATE_PENDING);
  EXPECT_THAT(Get().error(), HasSubstr("timeout"));

  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(Get().state(), v1::WEBHOOK_REGISTRATION_STATE_REGISTERED);
  EXPECT_EQ(Get().error(), "");
  EXPECT_FALSE(Get().person_needed());
  Wish(true);
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(client().webhooks_made, 2);
  EXPECT_THAT(client().webhooks, SizeIs(2));
  EXPECT_THAT(outcomes_, ElementsAre("failed", "registered", "registered"));
}

TEST_F(WebhookKeeperTest, OnceADayWhatVanishedIsEnteredAgain) {
  client().webhook_events = {"ended", "started"};
  Wish(true);
  WorkThrough();
  client().webhooks.pop_back();
  clock_.Advance(absl::Hours(23));
  EXPECT_EQ(WorkThrough(), 0);
  EXPECT_THAT(client().webhooks, SizeIs(1));
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_THAT(client().webhooks, SizeIs(2));
  EXPECT_EQ(lost_, 1);
  EXPECT_EQ(Get().webhooks(1).external_id(), "W3");
}

TEST_F(WebhookKeeperTest, WithANewTokenTheNewOnesStandAndTheOldOnesAreGone) {
  client().webhook_events = {"ended", "started"};
  Wish(true);
  WorkThrough();
  SetToken(kOtherToken);
  EXPECT_EQ(WorkThrough(), 1);
  ASSERT_THAT(client().webhooks, SizeIs(2));
  for (const tracking::WebhookEntry& webhook : client().webhooks) EXPECT_THAT(webhook.url, HasSubstr(kOtherToken));
  EXPECT_EQ(lost_, 0) << "they were taken out, not lost";
}

TEST_F(WebhookKeeperTest, TakenOutTheyAreLookedAfterNoMore) {
  client().webhook_events = {"ended", "started"};
  Wish(true);
  WorkThrough();
  Wish(false);
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_EQ(Get().state(), v1::WEBHOOK_REGISTRATION_STATE_UNREGISTERED);
  EXPECT_FALSE(Get().person_needed());
  EXPECT_EQ(Get().webhooks_size(), 0);
  EXPECT_THAT(client().webhooks, IsEmpty());
  clock_.Advance(absl::Hours(48));
  EXPECT_EQ(WorkThrough(), 0);
}

TEST_F(WebhookKeeperTest, AWishOfMeanwhileIsCarriedOutToo) {
  client().webhook_events = {"ended", "started"};
  Wish(true);
  WorkThrough();
  Wish(true);
  // Somebody changes his mind while the platform is asked.
  AccountAtWork work = Ours();
  bool changed_his_mind = false;
  work.fence = [&, fence = work.fence](postgres::Transaction& tx) {
    if (!std::exchange(changed_his_mind, true)) Wish(false);
    return fence(tx);
  };
  ASSERT_TRUE(keeper_.WorkOn(work).ok());
  EXPECT_EQ(Get().state(), v1::WEBHOOK_REGISTRATION_STATE_PENDING);
  EXPECT_EQ(WorkThrough(), 1);
  EXPECT_THAT(client().webhooks, IsEmpty());
}

TEST_F(WebhookKeeperTest, OthersSeeAndChangeNothing) {
  Wish(true);
  EXPECT_EQ(requests_.Get(kTheirs, kAccount).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(requests_.Wish(Them(), kAccount, false).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(requests_.List(kTheirs, {})->registrations_size(), 0);
  EXPECT_EQ(keeper_.WorkOn(Ours(/*epoch=*/7)).status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(Get().state(), v1::WEBHOOK_REGISTRATION_STATE_PENDING);
}

}  // namespace
}  // namespace trunkline::tracking_sync
