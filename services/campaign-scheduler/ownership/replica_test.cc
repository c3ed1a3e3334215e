#include "services/campaign-scheduler/ownership/replica.h"

#include <thread>

#include "services/campaign-scheduler/testing/store_fixture.h"

namespace trunkline::scheduler {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ReplicaTest : public StoreFixture {
 protected:
  std::unique_ptr<Replica> Join(absl::Duration silence = absl::Hours(1)) {
    auto replica = Replica::Join(
        {.database_url = database_.UrlOf("trunkline_scheduler_worker"), .address = "replica:7090", .silence = silence});
    EXPECT_TRUE(replica.ok()) << replica.status();
    return *std::move(replica);
  }
  std::vector<Claim> Claims(Replica& replica, size_t running = 0) {
    auto claims = replica.ClaimOrphans(running, now_);
    EXPECT_TRUE(claims.ok()) << claims.status();
    return claims.ok() ? *std::move(claims) : std::vector<Claim>();
  }
  // Until the server has noticed the end of a session.
  std::vector<Claim> EventualClaims(Replica& replica) {
    while (true) {
      if (std::vector<Claim> claims = Claims(replica); !claims.empty()) return claims;
    }
  }

  absl::Time now_ = absl::Now();
};

TEST_F(ReplicaTest, ACampaignThatBeganIsTakenOnce) {
  const std::string id = AddCampaign(1);
  AddCampaign(1, kBusiness, v1::CAMPAIGN_STATE_PAUSED);
  const auto replica = Join();
  const std::vector<Claim> claims = Claims(*replica);
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(claims[0].ownership.campaign_id, id);
  EXPECT_EQ(claims[0].ownership.business_id, kBusiness);
  EXPECT_EQ(claims[0].ownership.epoch, 1);
  EXPECT_EQ(claims[0].reason, "started");
  EXPECT_THAT(Claims(*replica, 1), IsEmpty());
  EXPECT_EQ(Number("SELECT count(*) FROM campaign_events_outbox"), 1);
}

TEST_F(ReplicaTest, WhatADeadReplicaRanIsTakenWithAHigherEpoch) {
  AddCampaign(1);
  auto dead = Join();
  const Claim before = Claims(*dead).at(0);
  const auto replica = Join();
  EXPECT_THAT(Claims(*replica), IsEmpty());
  dead.reset();
  const Claim after = EventualClaims(*replica).at(0);
  EXPECT_EQ(after.reason, "died");
  EXPECT_EQ(after.ownership.epoch, before.ownership.epoch + 1);
  EXPECT_TRUE(store_.Commit(before.ownership, CampaignOf(before.ownership), {})->fenced);
}

TEST_F(ReplicaTest, ASilentReplicaIsReplacedThoughItsSessionLives) {
  AddCampaign(1);
  const auto silent = Join(absl::Milliseconds(50));
  ASSERT_THAT(Claims(*silent), SizeIs(1));
  const auto replica = Join(absl::Milliseconds(50));
  while (true) {
    ASSERT_TRUE(replica->Beat().ok());
    const std::vector<Claim> claims = Claims(*replica);
    if (claims.empty()) continue;
    EXPECT_EQ(claims[0].reason, "silent");
    break;
  }
}

TEST_F(ReplicaTest, ABeatKeepsACampaign) {
  AddCampaign(1);
  const auto owner = Join(absl::Minutes(1));
  ASSERT_THAT(Claims(*owner), SizeIs(1));
  Run("UPDATE scheduler_replicas SET heartbeat_at = now() - interval '2 minutes'");
  ASSERT_TRUE(owner->Beat().ok());
  const auto replica = Join(absl::Minutes(1));
  EXPECT_THAT(Claims(*replica), IsEmpty());
}

TEST_F(ReplicaTest, WhatIsHandedOverIsTakenAtOnceAndSeenByANotice) {
  AddCampaign(1);
  auto leaving = Join();
  const Claim before = Claims(*leaving).at(0);
  const auto replica = Join();
  EXPECT_FALSE(*replica->WaitForChange(absl::ZeroDuration()));
  ASSERT_TRUE(leaving->HandOver({before.ownership}).ok());
  EXPECT_TRUE(*replica->WaitForChange(absl::Seconds(5)));
  const std::vector<Claim> claims = Claims(*replica);
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(claims[0].reason, "handed_over");
  EXPECT_TRUE(store_.Commit(before.ownership, CampaignOf(before.ownership), {})->fenced);
}

TEST_F(ReplicaTest, EachTakesItsFairPartAndWhatOthersLeaveALittleLater) {
  for (int i = 0; i < 5; ++i) AddCampaign(1);
  const auto one = Join();
  const auto two = Join();
  EXPECT_THAT(Claims(*one), SizeIs(3));
  EXPECT_THAT(Claims(*one, 3), IsEmpty());
  now_ += absl::Seconds(3);
  EXPECT_THAT(Claims(*one, 3), SizeIs(2)) << "the other one did not come";
  EXPECT_THAT(Claims(*two), IsEmpty());
}

TEST_F(ReplicaTest, ManyAtOnceTakeEachCampaignOnce) {
  for (int i = 0; i < 20; ++i) AddCampaign(1);
  std::vector<std::unique_ptr<Replica>> replicas;
  for (int i = 0; i < 4; ++i) replicas.push_back(Join());
  std::vector<size_t> taken(replicas.size());
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < replicas.size(); ++i) {
      threads.emplace_back([&, i] { taken[i] = Claims(*replicas[i]).size(); });
    }
  }
  size_t all = 0;
  for (const size_t count : taken) all += count;
  EXPECT_EQ(all, static_cast<size_t>(Number("SELECT count(*) FROM campaign_progress WHERE epoch = 1")));
  EXPECT_EQ(Number("SELECT count(*) FROM campaign_progress WHERE epoch > 1"), 0);
}

TEST_F(ReplicaTest, APausedCampaignWithCallsUnderWayKeepsAnOwner) {
  const std::string id = AddCampaign(1);
  auto dead = Join();
  const Claim before = Claims(*dead).at(0);
  Commit(before.ownership, Attempts(Due(before.ownership)));
  Run("UPDATE campaigns SET state = 4 WHERE campaign_id = $1", {id});
  dead.reset();
  const auto replica = Join();
  EXPECT_THAT(EventualClaims(*replica), SizeIs(1));
}

TEST_F(ReplicaTest, WhatIsLetGoIsTakenByNobodyUntilItRunsAgain) {
  const std::string id = AddCampaign(1);
  const auto replica = Join();
  const Claim claim = Claims(*replica).at(0);
  Run("UPDATE campaigns SET state = 4 WHERE campaign_id = $1", {id});
  ASSERT_TRUE(replica->LetGo({claim.ownership}).ok());
  EXPECT_THAT(Claims(*replica), IsEmpty());
  Run("UPDATE campaigns SET state = 3 WHERE campaign_id = $1", {id});
  EXPECT_THAT(Claims(*replica), SizeIs(1));
}

TEST_F(ReplicaTest, AnOwnerThatIsFrozenInATransactionDoesNotHoldTheNextOneUp) {
  AddCampaign(1);
  auto dead = Join();
  const Claim before = Claims(*dead).at(0);
  auto frozen = *postgres::Connection::Open(database_.UrlOf("trunkline_scheduler_worker"));
  frozen->Begin();
  ASSERT_TRUE(frozen->transaction().Execute("SELECT FROM campaign_progress FOR UPDATE").ok());
  dead.reset();
  const auto replica = Join();
  const absl::Time began = absl::Now();
  EXPECT_EQ(EventualClaims(*replica).at(0).ownership.epoch, before.ownership.epoch + 1);
  EXPECT_LT(absl::Now() - began, absl::Seconds(10)) << "the server ends a transaction that is idle";
}

}  // namespace
}  // namespace trunkline::scheduler
