#include "services/campaign-scheduler/ownership/campaign_ownership.h"

#include "services/campaign-scheduler/records/change_notice.h"
#include "services/campaign-scheduler/testing/store_fixture.h"
#include "trunkline/campaigns/v1/campaign_event.pb.h"

namespace trunkline::scheduler {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr absl::Duration kOwnershipPatience = absl::Seconds(20);

// What replicas do in general is tested in libs/ownership.
class CampaignOwnershipTest : public StoreFixture {
 protected:
  std::unique_ptr<ownership::Replica> Join() {
    auto replica = ownership::Replica::Join(
        CampaignReplica(database_.UrlOf("trunkline_scheduler_worker"), "replica:7090", absl::Hours(1)));
    EXPECT_TRUE(replica.ok()) << replica.status();
    return *std::move(replica);
  }
  static std::vector<ownership::Claim> Claims(ownership::Replica& replica, size_t running = 0) {
    auto claims = replica.ClaimOrphans(running, absl::Now());
    EXPECT_TRUE(claims.ok()) << claims.status();
    return claims.ok() ? *std::move(claims) : std::vector<ownership::Claim>();
  }
  // Until the server has noticed the end of a session.
  static ownership::Claim EventualClaim(ownership::Replica& replica) {
    for (const absl::Time until = absl::Now() + kOwnershipPatience; absl::Now() < until;) {
      if (const std::vector<ownership::Claim> claims = Claims(replica); !claims.empty()) return claims.front();
    }
    ADD_FAILURE() << "nothing was claimed";
    return {};
  }
};

TEST_F(CampaignOwnershipTest, ACampaignThatRunsIsTakenOnceAndAnEventTellsIt) {
  const std::string id = AddCampaign(1);
  AddCampaign(1, kBusiness, v1::CAMPAIGN_STATE_PAUSED);
  const auto replica = Join();
  const std::vector<ownership::Claim> claims = Claims(*replica);
  ASSERT_THAT(claims, SizeIs(1));
  const Ownership taken = OwnershipOf(claims[0]);
  EXPECT_EQ(taken.campaign_id, id);
  EXPECT_EQ(taken.business_id, kBusiness);
  EXPECT_EQ(taken.epoch, 1);
  EXPECT_THAT(Claims(*replica, 1), IsEmpty());
  const postgres::Result events = Run("SELECT business_id, campaign_id, message FROM campaign_events_outbox");
  ASSERT_EQ(events.size(), 1);
  EXPECT_EQ(events.String(0, 0), kBusiness);
  EXPECT_EQ(events.String(0, 1), id);
  v1::CampaignEvent event;
  ASSERT_TRUE(event.ParseFromString(events.Bytes(0, 2)));
  EXPECT_EQ(event.type(), v1::CAMPAIGN_EVENT_TYPE_OWNER_CHANGED);
  EXPECT_EQ(event.sequence(), 1);
  EXPECT_EQ(event.owner_change().replica(), replica->id());
  EXPECT_EQ(event.owner_change().epoch(), 1);
  EXPECT_EQ(event.owner_change().reason(), "started");
}

TEST_F(CampaignOwnershipTest, EachOfManyThatAreTakenTogetherHasItsEvent) {
  for (int i = 0; i < 5; ++i) AddCampaign(1, i % 2 == 0 ? kBusiness : kOtherBusiness);
  const auto replica = Join();
  ASSERT_THAT(Claims(*replica), SizeIs(5));
  EXPECT_EQ(Number("SELECT count(DISTINCT o.campaign_id) FROM campaign_events_outbox o JOIN campaign_progress p ON "
                   "p.campaign_id = o.campaign_id AND p.business_id = o.business_id AND p.event_sequence = 1"),
            5);
}

TEST_F(CampaignOwnershipTest, AnOwnerThatWasReplacedCommitsNothing) {
  AddCampaign(1);
  auto dead = Join();
  const Ownership before = OwnershipOf(Claims(*dead).at(0));
  dead.reset();
  const auto replica = Join();
  const Ownership after = OwnershipOf(EventualClaim(*replica));
  EXPECT_EQ(after.epoch, before.epoch + 1);
  EXPECT_TRUE(store_.Commit(before, CampaignOf(before), {})->fenced);
}

TEST_F(CampaignOwnershipTest, AnOwnerThatHandedOverCommitsNothing) {
  AddCampaign(1);
  const auto leaving = Join();
  const Ownership before = OwnershipOf(Claims(*leaving).at(0));
  ASSERT_TRUE(leaving->HandOver(ThingsOf({before})).ok());
  EXPECT_TRUE(store_.Commit(before, CampaignOf(before), {})->fenced);
  EXPECT_THAT(Claims(*Join()), SizeIs(1));
}

TEST_F(CampaignOwnershipTest, ACampaignThatStartsIsSeenByANotice) {
  const auto replica = Join();
  EXPECT_FALSE(*replica->WaitForChange(absl::ZeroDuration()));
  const std::string id = AddCampaign(1);
  owner_->Begin();
  ASSERT_TRUE(NoticeChange(owner_->transaction(), id).ok());
  ASSERT_TRUE(owner_->Commit().ok());
  EXPECT_TRUE(*replica->WaitForChange(absl::Seconds(5)));
}

TEST_F(CampaignOwnershipTest, APausedCampaignWithCallsUnderWayKeepsAnOwner) {
  const std::string id = AddCampaign(1);
  auto dead = Join();
  const Ownership before = OwnershipOf(Claims(*dead).at(0));
  Commit(before, Attempts(Due(before)));
  Run("UPDATE campaigns SET state = 4 WHERE campaign_id = $1", {id});
  dead.reset();
  const auto replica = Join();
  EXPECT_EQ(EventualClaim(*replica).reason, "died");
}

TEST_F(CampaignOwnershipTest, WhatIsLetGoIsTakenByNobodyUntilItRunsAgain) {
  const std::string id = AddCampaign(1);
  const auto replica = Join();
  const Ownership taken = OwnershipOf(Claims(*replica).at(0));
  Run("UPDATE campaigns SET state = 4 WHERE campaign_id = $1", {id});
  ASSERT_TRUE(replica->LetGo(ThingsOf({taken})).ok());
  EXPECT_THAT(Claims(*replica), IsEmpty());
  Run("UPDATE campaigns SET state = 3 WHERE campaign_id = $1", {id});
  EXPECT_THAT(Claims(*replica), SizeIs(1));
}

TEST_F(CampaignOwnershipTest, AnOwnerThatIsFrozenInATransactionDoesNotHoldTheNextOneUp) {
  AddCampaign(1);
  auto dead = Join();
  const Ownership before = OwnershipOf(Claims(*dead).at(0));
  auto frozen = *postgres::Connection::Open(database_.UrlOf("trunkline_scheduler_worker"));
  frozen->Begin();
  ASSERT_TRUE(frozen->transaction().Execute("SELECT FROM campaign_progress FOR UPDATE").ok());
  dead.reset();
  const auto replica = Join();
  const absl::Time began = absl::Now();
  EXPECT_EQ(OwnershipOf(EventualClaim(*replica)).epoch, before.epoch + 1);
  EXPECT_LT(absl::Now() - began, absl::Seconds(10)) << "the server ends a transaction that is idle";
}

}  // namespace
}  // namespace trunkline::scheduler
