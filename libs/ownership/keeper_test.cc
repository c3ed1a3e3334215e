#include "libs/ownership/keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <thread>

#include "libs/ownership/ownership_fixture.h"

namespace trunkline::ownership {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// Owns what it is given, and notes what happens to it.
class Things final : public Owner {
 public:
  void Joined() override { Note("joined"); }
  void MayActUntil(absl::Time limit) override {
    const std::lock_guard lock(mutex_);
    may_act_until_ = limit;
  }
  absl::StatusOr<bool> Look(Replica& replica, absl::Time now) override {
    absl::StatusOr<std::vector<Claim>> claims = replica.ClaimOrphans(owned().size(), now);
    if (!claims.ok()) return claims.status();
    const std::lock_guard lock(mutex_);
    for (const Claim& claim : *claims) owned_.push_back(claim.ownership);
    ++looks_;
    return false;
  }
  std::vector<Ownership> DropAll(Drop why) override {
    Note(why == Drop::kLost ? "lost" : "handed over");
    const std::lock_guard lock(mutex_);
    return std::exchange(owned_, {});
  }

  std::vector<Ownership> owned() {
    const std::lock_guard lock(mutex_);
    return owned_;
  }
  std::vector<std::string> ids() {
    std::vector<std::string> ids;
    for (const Ownership& ownership : owned()) ids.push_back(ownership.id);
    return ids;
  }
  std::vector<std::string> noted() {
    const std::lock_guard lock(mutex_);
    return noted_;
  }
  absl::Time may_act_until() {
    const std::lock_guard lock(mutex_);
    return may_act_until_;
  }
  int looks() {
    const std::lock_guard lock(mutex_);
    return looks_;
  }

 private:
  void Note(std::string what) {
    const std::lock_guard lock(mutex_);
    noted_.push_back(std::move(what));
  }

  std::mutex mutex_;
  std::vector<Ownership> owned_;
  std::vector<std::string> noted_;
  absl::Time may_act_until_ = absl::InfinitePast();
  int looks_ = 0;
};

class KeeperTest : public OwnershipFixture {
 protected:
  std::unique_ptr<Keeper> Keep(Things& things) {
    return std::make_unique<Keeper>(Keeper::Options{.name = "examples",
                                                    .replica = OptionsOf(absl::Minutes(2)),
                                                    .heartbeat = absl::Seconds(30),
                                                    .look = absl::Seconds(1)},
                                    things, clock_);
  }
  static void Await(const std::function<bool()>& condition) {
    const absl::Time until = absl::Now() + kPatience;
    while (!condition() && absl::Now() < until) std::this_thread::yield();
    EXPECT_TRUE(condition());
  }
  // Looks again, for what nobody owns.
  void AwaitLook(Things& things) {
    const int before = things.looks();
    clock_.Advance(absl::Seconds(1));
    Await([&] { return things.looks() > before; });
  }

  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  Things things_;
};

TEST_F(KeeperTest, WhatNobodyOwnsIsTakenAtOnceAndLater) {
  const std::string first = Add();
  const auto keeper = Keep(things_);
  Await([&] { return things_.looks() > 0; });
  EXPECT_TRUE(keeper->status().ok()) << keeper->status();
  EXPECT_THAT(things_.ids(), ElementsAre(first));
  EXPECT_EQ(things_.may_act_until(), clock_.Now() + absl::Minutes(2));
  const std::string second = Add();
  AwaitLook(things_);
  EXPECT_THAT(things_.ids(), UnorderedElementsAre(first, second));
}

TEST_F(KeeperTest, ANoticeIsAnsweredSoon) {
  const auto keeper = Keep(things_);
  Await([&] { return things_.looks() == 1; });
  const std::string id = Add();
  Run("NOTIFY examples_change");
  // Two looks are no closer than that.
  clock_.Advance(absl::Milliseconds(50));
  Await([&] { return !things_.ids().empty(); });
  EXPECT_THAT(things_.ids(), ElementsAre(id));
}

TEST_F(KeeperTest, AtItsEndAnotherOneTakesEverything) {
  const std::string id = Add();
  auto keeper = Keep(things_);
  Await([&] { return !things_.ids().empty(); });
  const int64_t epoch = things_.owned().at(0).epoch;
  keeper->Stop();
  keeper->Stop();
  EXPECT_THAT(things_.noted(), ElementsAre("joined", "handed over"));
  Things others;
  const auto another = Keep(others);
  Await([&] { return !others.ids().empty(); });
  EXPECT_EQ(others.owned().at(0).id, id);
  EXPECT_GT(others.owned().at(0).epoch, epoch);
}

TEST_F(KeeperTest, ItBeatsAndMayActAsLongAsThatIsSeen) {
  const auto keeper = Keep(things_);
  Await([&] { return things_.looks() > 0; });
  Run("UPDATE example_replicas SET heartbeat_at = now() - interval '1 hour'");
  clock_.Advance(absl::Seconds(30));
  Await([&] {
    return Number("SELECT count(*) FROM example_replicas WHERE heartbeat_at > now() - interval '1 minute'") == 1;
  });
  Await([&] { return things_.may_act_until() == clock_.Now() + absl::Minutes(2); });
}

TEST_F(KeeperTest, WithoutItsSessionItOwnsNothingUntilItHasJoinedAgain) {
  const std::string id = Add();
  const auto keeper = Keep(things_);
  Await([&] { return !things_.ids().empty(); });
  const int64_t epoch = things_.owned().at(0).epoch;
  Run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> "
      "pg_backend_pid()");
  Await([&] { return things_.noted().size() >= 3; });
  EXPECT_THAT(things_.noted(), ElementsAre("joined", "lost", "joined"));
  Await([&] { return !things_.ids().empty(); });
  EXPECT_EQ(things_.owned().at(0).id, id);
  EXPECT_GT(things_.owned().at(0).epoch, epoch) << "another one may have owned it meanwhile";
  EXPECT_TRUE(keeper->status().ok()) << keeper->status();
}

TEST_F(KeeperTest, AfterALongSilenceItEndsItsWorkByItself) {
  Add();
  const auto keeper = Keep(things_);
  Await([&] { return !things_.ids().empty(); });
  clock_.Advance(absl::Minutes(2));
  Await([&] { return things_.noted().size() >= 3; });
  EXPECT_THAT(things_.noted(), ElementsAre("joined", "lost", "joined"));
}

TEST_F(KeeperTest, WithoutADatabaseItEndsAtOnceAndSaysWhatIsMissing) {
  Keeper::Options options{.name = "examples", .replica = OptionsOf()};
  options.replica.database_url = "postgresql://nobody@127.0.0.1:1/none?connect_timeout=1";
  Keeper keeper(std::move(options), things_, clock_);
  Await([&] { return !things_.noted().empty(); });
  EXPECT_FALSE(keeper.status().ok());
  keeper.Stop();
  EXPECT_THAT(things_.ids(), IsEmpty());
}

}  // namespace
}  // namespace trunkline::ownership
