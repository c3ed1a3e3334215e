#include "services/call-tracking-sync/runs/account_sync.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include "services/call-tracking-sync/testing/runner_fixture.h"

namespace trunkline::tracking_sync {
namespace {

// What an owner does beside reading: each call is counted, and the next answer is as the test wants.
class AccountSyncTest : public RunnerFixture {
 protected:
  AccountParts PartsWithUpkeep(std::function<absl::StatusOr<StepResult>(int call, const CommitRecords&)> upkeep) {
    AccountParts parts = Parts();
    parts.upkeep = [this, upkeep](const Ownership& owner, const CommitRecords& commit) {
      EXPECT_EQ(owner.epoch, 1);
      const std::lock_guard lock(mutex_);
      ++calls_;
      called_.notify_all();
      return upkeep(calls_, commit);
    };
    return parts;
  }
  void AwaitCalls(int calls) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(called_.wait_for(lock, std::chrono::seconds(20), [&] { return calls_ >= calls; }));
  }
  int calls() {
    const std::lock_guard lock(mutex_);
    return calls_;
  }

  std::mutex mutex_;
  std::condition_variable called_;
  int calls_ = 0;
};

TEST_F(AccountSyncTest, UpkeepGoesOnAtOnceWhileThereIsWorkAndRestsThen) {
  {
    AccountSync sync(PartsWithUpkeep([&](int call, const CommitRecords&) -> absl::StatusOr<StepResult> {
                       return StepResult{.wake_at = call < 5 ? absl::InfinitePast() : absl::InfiniteFuture()};
                     }),
                     owner_of_account_);
    AwaitCalls(5);
  }
  EXPECT_EQ(calls(), 5) << "it rests, and the end of its thread does not wait for the rest to be over";
}

TEST_F(AccountSyncTest, UpkeepThatFailsIsTriedAgain) {
  AccountSync sync(PartsWithUpkeep([&](int, const CommitRecords&) -> absl::StatusOr<StepResult> {
                     return absl::UnavailableError("the database is away");
                   }),
                   owner_of_account_);
  AwaitCalls(3);
  EXPECT_FALSE(sync.IsOver());
}

TEST_F(AccountSyncTest, WhatUpkeepReadsIsCommittedLikeAnyRecord) {
  AccountSync sync(PartsWithUpkeep([&](int call, const CommitRecords& commit) -> absl::StatusOr<StepResult> {
                     if (call == 1) {
                       const tracking::PlatformCall read = {
                           .body = "{}", .call = MakeCall("U1", absl::Hours(1)), .requested_at = clock_.Now()};
                       EXPECT_TRUE(commit(account_, {.pass = "upkeep", .calls = {read}}).ok());
                     }
                     return StepResult{.wake_at = call == 1 ? absl::InfinitePast() : absl::InfiniteFuture()};
                   }),
                   owner_of_account_);
  AwaitCalls(2);
  EXPECT_EQ(Count("SELECT count(*) FROM tracked_records WHERE external_id = 'U1'"), 1);
}

TEST_F(AccountSyncTest, AnAccountThatIsGoneIsOverForAllOfItsThreads) {
  AccountSync sync(PartsWithUpkeep([&](int, const CommitRecords&) -> absl::StatusOr<StepResult> {
                     return StepResult{.wake_at = absl::InfinitePast(), .over = true};
                   }),
                   owner_of_account_);
  AwaitCalls(1);
  const absl::Time limit = absl::Now() + absl::Seconds(20);
  while (!sync.IsOver() && absl::Now() < limit) std::this_thread::yield();
  EXPECT_TRUE(sync.IsOver());
}

}  // namespace
}  // namespace trunkline::tracking_sync
