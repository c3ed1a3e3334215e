#include "libs/ownership/replica.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "libs/ownership/ownership_fixture.h"

namespace trunkline::ownership {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class ReplicaTest : public OwnershipFixture {
 protected:
  std::vector<Claim> Claims(Replica& replica, size_t owned = 0) {
    auto claims = replica.ClaimOrphans(owned, now_);
    EXPECT_TRUE(claims.ok()) << claims.status();
    return claims.ok() ? *std::move(claims) : std::vector<Claim>();
  }
  // Until the server has noticed the end of a session.
  std::vector<Claim> EventualClaims(Replica& replica) {
    for (const absl::Time until = absl::Now() + kPatience; absl::Now() < until;) {
      if (std::vector<Claim> claims = Claims(replica); !claims.empty()) return claims;
    }
    ADD_FAILURE() << "nothing was claimed";
    return {};
  }

  absl::Time now_ = absl::Now();
};

TEST_F(ReplicaTest, WhatIsWantedIsTakenOnce) {
  const std::string id = Add();
  Run("UPDATE examples SET is_wanted = false WHERE example_id = $1", {Add()});
  const auto replica = Join();
  const std::vector<Claim> claims = Claims(*replica);
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(claims[0].ownership, (Ownership{.id = id, .business_id = kBusiness, .epoch = 1}));
  EXPECT_EQ(claims[0].reason, "started");
  EXPECT_THAT(Claims(*replica, 1), IsEmpty());
}

TEST_F(ReplicaTest, WhatADeadReplicaOwnedIsTakenWithAHigherEpoch) {
  Add();
  auto dead = Join();
  const Claim before = Claims(*dead).at(0);
  const auto replica = Join();
  EXPECT_THAT(Claims(*replica), IsEmpty());
  dead.reset();
  const std::vector<Claim> after = EventualClaims(*replica);
  ASSERT_THAT(after, SizeIs(1));
  EXPECT_EQ(after[0].reason, "died");
  EXPECT_EQ(after[0].ownership.epoch, before.ownership.epoch + 1);
}

TEST_F(ReplicaTest, ASilentReplicaIsReplacedThoughItsSessionLives) {
  Add();
  const auto silent = Join(OptionsOf(absl::Minutes(1)));
  ASSERT_THAT(Claims(*silent), SizeIs(1));
  const auto replica = Join(OptionsOf(absl::Minutes(1)));
  EXPECT_THAT(Claims(*replica), IsEmpty());
  Run("UPDATE example_replicas SET heartbeat_at = now() - interval '2 minutes' WHERE replica_id = $1", {silent->id()});
  const std::vector<Claim> claims = Claims(*replica);
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(claims[0].reason, "silent");
}

TEST_F(ReplicaTest, ABeatKeepsWhatIsOwned) {
  Add();
  const auto owner = Join(OptionsOf(absl::Minutes(1)));
  ASSERT_THAT(Claims(*owner), SizeIs(1));
  Run("UPDATE example_replicas SET heartbeat_at = now() - interval '2 minutes'");
  ASSERT_TRUE(owner->Beat().ok());
  const auto replica = Join(OptionsOf(absl::Minutes(1)));
  EXPECT_THAT(Claims(*replica), IsEmpty());
}

TEST_F(ReplicaTest, AReplicaThatWasForgottenIsTold) {
  const auto replica = Join();
  Run("DELETE FROM example_replicas");
  EXPECT_EQ(replica->Beat().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ReplicaTest, WhatIsHandedOverIsTakenAtOnceAndSeenByANotice) {
  Add();
  const auto leaving = Join();
  const Claim before = Claims(*leaving).at(0);
  const auto replica = Join();
  EXPECT_FALSE(*replica->WaitForChange(absl::ZeroDuration()));
  ASSERT_TRUE(leaving->HandOver({before.ownership}).ok());
  EXPECT_TRUE(*replica->WaitForChange(absl::Seconds(5)));
  const std::vector<Claim> claims = Claims(*replica);
  ASSERT_THAT(claims, SizeIs(1));
  EXPECT_EQ(claims[0].reason, "handed_over");
  EXPECT_GT(claims[0].ownership.epoch, before.ownership.epoch);
}

TEST_F(ReplicaTest, WhatAnotherHasTakenMeanwhileIsNeitherHandedOverNorLetGo) {
  Add();
  auto dead = Join();
  const Claim before = Claims(*dead).at(0);
  dead.reset();
  const auto replica = Join();
  ASSERT_THAT(EventualClaims(*replica), SizeIs(1));
  const auto late = Join();
  ASSERT_TRUE(late->HandOver({before.ownership}).ok());
  ASSERT_TRUE(late->LetGo({before.ownership}).ok());
  EXPECT_THAT(Claims(*late), IsEmpty());
}

TEST_F(ReplicaTest, WhatIsLetGoIsTakenByNobodyUntilItIsWantedAgain) {
  Add();
  const auto replica = Join();
  const Claim claim = Claims(*replica).at(0);
  Run("UPDATE examples SET is_wanted = false");
  ASSERT_TRUE(replica->LetGo({claim.ownership}).ok());
  EXPECT_THAT(Claims(*replica), IsEmpty());
  Run("UPDATE examples SET is_wanted = true");
  EXPECT_THAT(Claims(*replica), SizeIs(1));
}

TEST_F(ReplicaTest, EachTakesItsFairPartAndWhatOthersLeaveALittleLater) {
  for (int i = 0; i < 5; ++i) Add();
  const auto one = Join();
  const auto two = Join();
  EXPECT_THAT(Claims(*one), SizeIs(3));
  EXPECT_THAT(Claims(*one, 3), IsEmpty());
  now_ += absl::Seconds(3);
  EXPECT_THAT(Claims(*one, 3), SizeIs(2)) << "the other one did not come";
  EXPECT_THAT(Claims(*two), IsEmpty());
}

TEST_F(ReplicaTest, ManyAtOnceTakeEachThingOnce) {
  for (int i = 0; i < 20; ++i) Add();
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
  EXPECT_EQ(all, static_cast<size_t>(Number("SELECT count(*) FROM examples WHERE epoch = 1")));
  EXPECT_EQ(Number("SELECT count(*) FROM examples WHERE epoch > 1"), 0);
}

TEST_F(ReplicaTest, WhatIsToBeCommittedWithATakingIsCommittedWithIt) {
  const std::string id = Add();
  Replica::Options options = OptionsOf();
  options.on_taken = [](postgres::Transaction& tx, const std::string& replica_id, const std::vector<Claim>& claims) {
    return tx
        .Execute("INSERT INTO takings (example_id, replica_id, reason) VALUES ($1, $2, $3)",
                 {claims.at(0).ownership.id, replica_id, claims.at(0).reason})
        .status();
  };
  const auto replica = Join(std::move(options));
  ASSERT_THAT(Claims(*replica), SizeIs(1));
  const postgres::Result takings = Run("SELECT example_id, replica_id, reason FROM takings");
  ASSERT_EQ(takings.size(), 1);
  EXPECT_EQ(takings.String(0, 0), id);
  EXPECT_EQ(takings.String(0, 1), replica->id());
  EXPECT_EQ(takings.String(0, 2), "started");
}

TEST_F(ReplicaTest, NothingIsTakenWhenWhatGoesWithItFails) {
  Add();
  Replica::Options options = OptionsOf();
  options.on_taken = [](postgres::Transaction&, const std::string&, const std::vector<Claim>&) {
    return absl::InternalError("no");
  };
  const auto replica = Join(std::move(options));
  EXPECT_FALSE(replica->ClaimOrphans(0, now_).ok());
  EXPECT_EQ(Number("SELECT count(*) FROM examples WHERE epoch = 0 AND replica_id IS NULL"), 1);
}

}  // namespace
}  // namespace trunkline::ownership
