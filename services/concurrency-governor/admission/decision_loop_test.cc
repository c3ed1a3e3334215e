#include "services/concurrency-governor/admission/decision_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/governor/governor_client.h"
#include "services/concurrency-governor/journal/postgres_journal.h"
#include "tests/support/test_database.h"

namespace trunkline::governor {
namespace {

using testing::ElementsAre;
using Outcome = Decision::Outcome;

const std::string kBusiness = "0190b0a0-0000-7000-8000-000000000001";

// Does what another journal does, with faults between.
class FaultyJournal final : public Journal {
 public:
  explicit FaultyJournal(Journal& inner) : inner_(inner) {}

  absl::StatusOr<Election> Stand() override {
    if (away) return absl::UnavailableError("no route to the database");
    return inner_.Stand();
  }
  absl::Status Commit(const LedgerChanges& changes, const Positions& positions) override {
    if (!changes.empty()) {
      ++commits;
      if (before_commit) before_commit();
    }
    const absl::Status status = inner_.Commit(changes, positions);
    if (!changes.empty() && lose_next_answer.exchange(false)) return absl::UnavailableError("the connection was lost");
    return status;
  }
  void StepDown() override { inner_.StepDown(); }

  std::atomic<bool> away = false;
  std::atomic<bool> lose_next_answer = false;
  std::atomic<int> commits = 0;
  std::function<void()> before_commit;

 private:
  Journal& inner_;
};

class DecisionLoopTest : public testing::Test {
 protected:
  // A replica with everything that it has.
  struct Replica {
    Replica(const std::string& url, const std::string& address, const Clock& clock)
        : postgres({.url = url, .address = address, .topic = "events"}, clock),
          journal(postgres),
          loop({journal, metrics, clock},
               {.ledger = {.levels = {.global_calls = 10, .business_calls = 3}}, .election = absl::Milliseconds(10)}) {}

    PostgresJournal postgres;
    FaultyJournal journal;
    metrics::Registry registry;
    GovernorMetrics metrics{registry};
    DecisionLoop loop;
  };

  std::unique_ptr<Replica> Start(const std::string& address) {
    return std::make_unique<Replica>(database_.UrlOf("trunkline_governor"), address, clock_);
  }
  static void AwaitLead(const Replica& replica) {
    while (!replica.loop.lead().has_value()) std::this_thread::yield();
  }
  static SlotWish Wish(const std::string& request) {
    return {.request_id = request, .subject = {.business_id = kBusiness}};
  }
  static std::future<absl::StatusOr<Decision>> Ask(Replica& replica, const std::string& request,
                                                   absl::Duration wait = absl::ZeroDuration()) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<Decision>>>();
    replica.loop.AcquireAll({Wish(request)}, wait, [promise](size_t, const absl::StatusOr<Decision>& decision) {
      promise->set_value(decision);
    });
    return promise->get_future();
  }
  static Outcome OutcomeOf(Replica& replica, const std::string& request) {
    const auto decision = Ask(replica, request).get();
    EXPECT_TRUE(decision.ok()) << decision.status();
    return decision.ok() ? decision->outcome : Outcome::kReused;
  }
  static absl::Status Release(Replica& replica, const std::string& request) {
    return replica.loop.DoAndWait([&](SlotLedger& ledger, absl::Time now) {
      return ledger
          .Release({.business_id = kBusiness, .by = SlotReference::By::kRequest, .id = request},
                   ReleaseReason::kReturned, now)
          .status();
    });
  }
  int64_t LiveRows() {
    return (*postgres::Connection::Open(database_.url()))
        ->transaction()
        .Execute("SELECT count(*) FROM active_calls WHERE released_at IS NULL")
        ->Integer(0, 0);
  }

  testing_support::TestDatabase database_{/*migrated=*/true};
  SystemClock clock_;
};

TEST_F(DecisionLoopTest, WhatIsToldIsInTheJournal) {
  const auto replica = Start("a:1");
  AwaitLead(*replica);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(OutcomeOf(*replica, Concat("r", i)), Outcome::kGranted);
  EXPECT_EQ(OutcomeOf(*replica, "r4"), Outcome::kRefused);
  EXPECT_EQ(LiveRows(), 3);
  ASSERT_TRUE(Release(*replica, "r1").ok());
  EXPECT_EQ(LiveRows(), 2);
}

TEST_F(DecisionLoopTest, WhoWaitsHasTheSlotThatBecomesFree) {
  const auto replica = Start("a:1");
  AwaitLead(*replica);
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(OutcomeOf(*replica, Concat("r", i)), Outcome::kGranted);
  auto waiting = Ask(*replica, "r4", absl::Seconds(30));
  auto impatient = Ask(*replica, "r5", absl::Milliseconds(30));
  EXPECT_EQ(impatient.get()->outcome, Outcome::kRefused);
  ASSERT_TRUE(Release(*replica, "r2").ok());
  EXPECT_EQ(waiting.get()->outcome, Outcome::kGranted);
}

TEST_F(DecisionLoopTest, ManyDecisionsGoWithOneCommit) {
  const auto replica = Start("a:1");
  AwaitLead(*replica);
  std::latch in_commit(1);
  std::latch go_on(1);
  replica->journal.before_commit = [&] {
    if (replica->journal.commits > 1) return;
    in_commit.count_down();
    go_on.wait();
  };
  auto first = Ask(*replica, "first");
  in_commit.wait();
  std::vector<std::future<absl::StatusOr<Decision>>> others;
  for (int i = 0; i < 100; ++i) others.push_back(Ask(*replica, Concat("r", i)));
  EXPECT_EQ(first.wait_for(std::chrono::seconds(0)), std::future_status::timeout) << "told before it was committed";
  go_on.count_down();
  int granted = first.get()->outcome == Outcome::kGranted ? 1 : 0;
  for (auto& other : others) granted += other.get()->outcome == Outcome::kGranted ? 1 : 0;
  EXPECT_EQ(granted, 3);
  EXPECT_EQ(replica->journal.commits, 2);
}

TEST_F(DecisionLoopTest, ACommitWhoseResultIsUnknownIsReadAgainBeforeAnythingIsGranted) {
  const auto replica = Start("a:1");
  AwaitLead(*replica);
  EXPECT_EQ(OutcomeOf(*replica, "r1"), Outcome::kGranted);
  const int64_t epoch = replica->loop.lead()->epoch;
  replica->journal.lose_next_answer = true;
  const auto unknown = Ask(*replica, "r2").get();
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(unknown.status()), Reason::REASON_DEPENDENCY_UNAVAILABLE);
  while (!replica->loop.lead().has_value() || replica->loop.lead()->epoch == epoch) std::this_thread::yield();
  // It was committed: it counts, and who asks again has it.
  EXPECT_EQ(OutcomeOf(*replica, "r3"), Outcome::kGranted);
  EXPECT_EQ(OutcomeOf(*replica, "r4"), Outcome::kRefused);
  EXPECT_EQ(OutcomeOf(*replica, "r2"), Outcome::kGranted);
  EXPECT_EQ(LiveRows(), 3);
}

// What each wish of a batch was told, in the order of the wishes; a wish that was told twice has both.
class Told {
 public:
  explicit Told(size_t wishes) : answers_(wishes) {}

  DecisionLoop::Decided Listener() {
    return [this](size_t index, const absl::StatusOr<Decision>& decision) {
      const std::lock_guard lock(mutex_);
      answers_[index] += !decision.ok() ? "failed" : decision->outcome == Outcome::kGranted ? "granted" : "refused";
      ++told_;
      changed_.notify_all();
    };
  }
  std::vector<std::string> Await(size_t told) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return told_ >= told; });
    return answers_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> answers_;
  size_t told_ = 0;
};

TEST_F(DecisionLoopTest, EveryWishOfABatchIsAnsweredOnceThoughSomeAreDecidedAndSomeWait) {
  auto replica = Start("a:1");
  AwaitLead(*replica);
  Told told(5);
  replica->loop.AcquireAll({Wish("r1"), Wish("r2"), Wish("r3"), Wish("r4"), Wish("r5")}, absl::Minutes(1),
                           told.Listener());
  EXPECT_THAT(told.Await(3), ElementsAre("granted", "granted", "granted", "", ""));
  ASSERT_TRUE(Release(*replica, "r2").ok());
  EXPECT_THAT(told.Await(4), ElementsAre("granted", "granted", "granted", "granted", ""));
  replica.reset();
  EXPECT_THAT(told.Await(5), ElementsAre("granted", "granted", "granted", "granted", "failed"));
}

TEST_F(DecisionLoopTest, EveryWishOfABatchIsAnsweredOnceWhenItsCommitIsLost) {
  const auto replica = Start("a:1");
  AwaitLead(*replica);
  Told told(5);
  replica->journal.lose_next_answer = true;
  replica->loop.AcquireAll({Wish("r1"), Wish("r2"), Wish("r3"), Wish("r4"), Wish("r5")}, absl::Minutes(1),
                           told.Listener());
  EXPECT_THAT(told.Await(5), testing::Each("failed"));
}

TEST_F(DecisionLoopTest, ALeaderThatWasReplacedTellsNothingThatItDecided) {
  const auto replica = Start("a:1");
  AwaitLead(*replica);
  ASSERT_TRUE((*postgres::Connection::Open(database_.url()))
                  ->transaction()
                  .ExecuteScript("UPDATE governor_leadership SET epoch = epoch + 1")
                  .ok());
  const auto refused = Ask(*replica, "r1").get();
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused.status()), Reason::REASON_NOT_LEADER);
  EXPECT_EQ(LiveRows(), 0);
}

TEST_F(DecisionLoopTest, AnotherGoesOnWhereTheLeaderStopped) {
  auto first = Start("first:1");
  AwaitLead(*first);
  const auto second = Start("second:2");
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(OutcomeOf(*first, Concat("r", i)), Outcome::kGranted);
  while (Ask(*second, "r4").get().status().code() != absl::StatusCode::kFailedPrecondition) std::this_thread::yield();
  const auto refused = Ask(*second, "r4").get();
  EXPECT_EQ(ReasonOf(refused.status()), Reason::REASON_NOT_LEADER);
  EXPECT_EQ(LeaderOf(refused.status()), "first:1");
  auto waiting = Ask(*first, "r5", absl::Minutes(1));
  first.reset();
  EXPECT_EQ(ReasonOf(waiting.get().status()), Reason::REASON_SHUTTING_DOWN);
  AwaitLead(*second);
  EXPECT_EQ(OutcomeOf(*second, "r4"), Outcome::kRefused);
  EXPECT_EQ(OutcomeOf(*second, "r2"), Outcome::kGranted) << "the slot that it has";
  ASSERT_TRUE(Release(*second, "r2").ok());
  EXPECT_EQ(OutcomeOf(*second, "r4"), Outcome::kGranted);
}

TEST_F(DecisionLoopTest, WithoutTheJournalNothingIsGrantedAndItSaysSo) {
  const auto replica = Start("a:1");
  AwaitLead(*replica);
  replica->journal.away = true;
  replica->journal.lose_next_answer = true;
  EXPECT_EQ(ReasonOf(Ask(*replica, "r1").get().status()), Reason::REASON_DEPENDENCY_UNAVAILABLE);
  const auto away = Ask(*replica, "r2").get();
  EXPECT_EQ(away.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(away.status()), Reason::REASON_DEPENDENCY_UNAVAILABLE);
  EXPECT_EQ(replica->loop.status().code(), absl::StatusCode::kUnavailable);
  replica->journal.away = false;
  AwaitLead(*replica);
  EXPECT_EQ(OutcomeOf(*replica, "r2"), Outcome::kGranted);
}

}  // namespace
}  // namespace trunkline::governor
