#include "services/call-tracking-sync/runs/pass_runner.h"

#include <algorithm>
#include <stdexcept>

#include "libs/telephony/timestamps.h"
#include "services/call-tracking-sync/testing/runner_fixture.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using tracking::Told;
namespace v1 = tracking::v1;

// Whoever asks for the time this often within a step goes round in a circle.
class CountingClock final : public Clock {
 public:
  explicit CountingClock(const Clock& clock) : clock_(clock) {}
  absl::Time Now() const override {
    if (++asked_ > kMost) throw std::runtime_error("a step does not end");
    return clock_.Now();
  }
  void Begin() { asked_ = 0; }

 private:
  static constexpr int kMost = 10'000;
  const Clock& clock_;
  mutable int asked_ = 0;
};

class PassRunnerTest : public RunnerFixture {
 protected:
  void BeginWith(const std::vector<tracking::TrackedCall>& calls) {
    for (const tracking::TrackedCall& call : calls) client().calls[call.external_id] = call;
    ReadAtFirst();
    EXPECT_EQ(Count("SELECT count(*) FROM tracked_records"), static_cast<int64_t>(calls.size()));
    TakeMessages();
  }
};

TEST_F(PassRunnerTest, FirstRequestsThatTakeTheirTimeAreFollowedByAPage) {
  client().calls["C1"] = MakeCall("C1", absl::Minutes(30));
  client().on_request = [this] { clock_.Advance(absl::Seconds(1)); };
  CountingClock counting(clock_);
  AccountParts parts = {.store = store_,
                        .records = records_,
                        .fetches = fetches_,
                        .budget = budget_,
                        .accounts = tracked_accounts_,
                        .metrics = metrics_,
                        .clock = counting,
                        .chance = [] { return 0.5; }};
  PassRunner runner(parts, owner_of_account_, Committing());
  for (int i = 0; i < 3; ++i) {
    counting.Begin();
    const absl::StatusOr<StepResult> step = runner.Step();
    ASSERT_TRUE(step.ok()) << step.status();
  }
  EXPECT_GT(client().lists, 0);
}

TEST_F(PassRunnerTest, APausedAccountIsAskedNothingByAnybody) {
  BeginWith({MakeCall("C1", absl::Hours(2))});
  Run("UPDATE sync_status SET paused_at = now()");
  Run(
      Concat("INSERT INTO tracking_fetches (provider_account_id, external_id, business_id, notified_at, due_at) VALUES "
             "('",
             kAccount, "', 'C1', '", kOurs, "', now(), now())"));
  client().fetched.clear();
  const int lists = client().lists;
  ReadFor(absl::Hours(2));
  EXPECT_EQ(client().lists, lists);
  EXPECT_THAT(client().fetched, IsEmpty());
  const Asking asking(Priority::kConsistency, absl::ZeroDuration());
  EXPECT_TRUE(absl::IsResourceExhausted(budget_.Admit(account_, tracking::Resource::kOther, "GET /numbers")));

  Run("UPDATE sync_status SET paused_at = NULL");
  ReadFor(absl::Minutes(5));
  EXPECT_GT(client().lists, lists);
  EXPECT_THAT(client().fetched, ElementsAre("C1"));
}

TEST_F(PassRunnerTest, ACallThatGoesOnForTooLongIsAskedForAndClosedAfterADay) {
  BeginWith({MakeLiveCall("L1", absl::Hours(7))});
  ReadFor(absl::Hours(3));
  EXPECT_THAT(TakeFacts(), IsEmpty()) << "the platform may be right";
  EXPECT_FALSE(client().fetched.empty());
  ReadFor(absl::Hours(15), absl::Minutes(30));

  const std::vector<events::v1::CallEvent> facts = TakeFacts();
  ASSERT_THAT(facts, SizeIs(1));
  EXPECT_EQ(facts[0].type(), events::v1::CALL_EVENT_TYPE_ENDED);
  EXPECT_EQ(facts[0].status(), calls::v1::CALL_STATUS_FAILED);
  EXPECT_EQ(facts[0].details().status_reason(), "stale_live");
  const size_t asked = client().fetched.size();
  ReadFor(absl::Hours(5), absl::Minutes(30));
  EXPECT_EQ(client().fetched.size(), asked) << "it is not asked for any more";
  EXPECT_THAT(TakeMessages(), IsEmpty());

  // In the end the platform learns of its end.
  tracking::TrackedCall& call = client().calls["L1"];
  call.status = calls::v1::CALL_STATUS_COMPLETED;
  call.ended_at = Told<absl::Time>::Of(clock_.Now());
  call.updated_at = Told<absl::Time>::Of(clock_.Now());
  ReadFor(absl::Hours(25), absl::Minutes(30));
  EXPECT_THAT(TakeMessages(), SizeIs(1));
}

TEST_F(PassRunnerTest, ALiveCallThatThePlatformDoesNotKnowIsClosedAfterSixHoursAndNotBefore) {
  BeginWith({MakeLiveCall("L1", absl::Hours(3))});
  client().calls.clear();
  ReadFor(absl::Hours(2));
  EXPECT_THAT(TakeFacts(), IsEmpty());
  EXPECT_EQ(Count("SELECT count(*) FROM tracked_records WHERE is_live AND gone_at IS NULL"), 1);
  ReadFor(absl::Hours(3));
  const std::vector<events::v1::CallEvent> facts = TakeFacts();
  ASSERT_THAT(facts, SizeIs(2));
  EXPECT_EQ(facts[0].details().status_reason(), "stale_live");
  EXPECT_TRUE(facts[1].details().has_record_deleted_at()) << "and once it has ended, its list does not tell it";
}

TEST_F(PassRunnerTest, ACallThatAListLostIsAskedForAndIsDeletedOnlyWhenThePlatformDoesNotKnowIt) {
  BeginWith({MakeCall("C1", absl::Hours(3)), MakeCall("C2", absl::Hours(3)), MakeCall("C3", absl::Hours(3))});
  client().unlisted = {"C2"};
  client().calls.erase("C3");
  client().fetched.clear();
  ReadFor(absl::Hours(2));

  EXPECT_THAT(client().fetched, ::testing::IsSupersetOf({"C2", "C3"}));
  EXPECT_EQ(std::count(client().fetched.begin(), client().fetched.end(), "C1"), 0);
  const std::vector<events::v1::CallEvent> facts = TakeFacts();
  ASSERT_THAT(facts, SizeIs(1));
  EXPECT_EQ(facts[0].details().external_call_id(), "C3");
  EXPECT_TRUE(facts[0].details().has_record_deleted_at());
  EXPECT_EQ(std::count(client().fetched.begin(), client().fetched.end(), "C3"), 1) << "once it is gone it is gone";
}

TEST_F(PassRunnerTest, ACallThatIsThereAgainIsNotDeletedAnyMore) {
  BeginWith({MakeCall("C1", absl::Hours(3))});
  const tracking::TrackedCall call = client().calls.at("C1");
  client().calls.clear();
  ReadFor(absl::Hours(2));
  ASSERT_THAT(TakeFacts(), SizeIs(1));
  client().calls["C1"] = call;
  ReadFor(absl::Hours(2));
  const std::vector<events::v1::CallEvent> facts = TakeFacts();
  ASSERT_THAT(facts, SizeIs(1)) << "though its record says what it said before";
  EXPECT_EQ(telephony::ToMicros(facts[0].details().record_deleted_at()), 0);
  ReadFor(absl::Hours(2));
  EXPECT_THAT(TakeFacts(), IsEmpty());
}

TEST_F(PassRunnerTest, WhatAListLeavesOutIsReadByIdInBatchesOnceForEachCall) {
  platform_->defaults.lists_without_tags = true;
  platform_->defaults.fetch_batch = 50;
  client().lists_tags = false;
  for (int i = 0; i < 120; ++i) client().calls[Concat("C", i)] = MakeCall(Concat("C", i), absl::Hours(3));
  client().calls["L"] = MakeLiveCall("L", absl::Minutes(1));
  ReadAtFirst();
  EXPECT_EQ(client().batches, 3) << "of 50, 50 and 20: one that goes on is read when it is asked for anyway";
  EXPECT_EQ(Count("SELECT count(*) FROM tracked_records WHERE tags_hash IS NOT NULL AND NOT is_live"), 120);
  EXPECT_EQ(Count("SELECT count(*) FROM tracking_fetches"), 0);
  EXPECT_EQ(Count("SELECT count(*) FROM tracked_records WHERE webhook_at IS NOT NULL"), 0) << "no webhook told of them";

  client().calls.erase("L");
  const int batches = client().batches;
  clock_.Advance(absl::Hours(25));
  ReadAll();
  EXPECT_EQ(client().batches - batches, 2) << "for the call that went on, which is closed and then found missing";
  EXPECT_EQ(Count("SELECT count(*) FROM tracked_records WHERE gone_at IS NOT NULL"), 1) << "the others are whole";
}

TEST_F(PassRunnerTest, WhatIsNewIsReadWholeBeforeWhatABackfillBrought) {
  platform_->defaults.lists_without_tags = true;
  platform_->defaults.fetch_batch = 2;
  client().lists_tags = false;
  for (int i = 0; i < 3; ++i) client().calls[Concat("old", i)] = MakeCall(Concat("old", i), absl::Hours(30));
  Work(passes_);
  clock_.Advance(absl::Seconds(2));
  Work(passes_);
  client().calls["new"] = MakeCall("new", absl::Minutes(4));
  clock_.Advance(absl::Minutes(5));
  Work(passes_);
  ASSERT_TRUE(fetcher_.Step().ok());
  EXPECT_THAT(client().fetched, ElementsAre("new"));
  Work(fetcher_);
  EXPECT_THAT(client().fetched, UnorderedElementsAre("new", "old0", "old1", "old2"));
}

// Contract 20, 14.
TEST_F(PassRunnerTest, MoneyThatIsAdjustedAfterTenDaysIsFoundWithinSixHours) {
  platform_->features.insert(v1::FEATURE_LIST_ADJUSTED);
  BeginWith({MakeCall("C1", absl::Hours(24 * 10)), MakeCall("C2", absl::Hours(24 * 10))});
  client().calls.at("C1").revenue = Told<int64_t>::Of(999'000);
  client().calls.at("C1").updated_at = Told<absl::Time>::Of(clock_.Now());
  client().adjusted = {"C1"};
  ReadFor(absl::Hours(6) + absl::Minutes(10), absl::Minutes(10));
  const std::vector<webhooks::v1::RawWebhook> messages = TakeMessages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].call_id(), (tracking::CallPlace{kMemoryPlatform, kAccount}).CallIdOf("C1"));
  EXPECT_EQ(Count("SELECT count(*) FROM sync_checkpoints WHERE pass = 'rescan_30d' AND finished_at IS NOT NULL"), 0)
      << "the rescan did not come first";
}

// Contract 20, 16.
TEST_F(PassRunnerTest, NoCallIsMissedWhenThePlatformsClockIsTenMinutesOff) {
  for (const absl::Duration offset : {absl::Minutes(10), -absl::Minutes(10)}) {
    client().clock_offset = offset;
    const std::string prefix = offset > absl::ZeroDuration() ? "ahead" : "behind";
    for (int minute = 0; minute < 60; ++minute) {
      clock_.Advance(absl::Minutes(1));
      // It begins now, by the platform's clock.
      const std::string id = Concat(prefix, minute);
      client().calls[id] = MakeCall(id, -offset);
      ReadAll();
    }
    ReadFor(absl::Minutes(5));
    EXPECT_EQ(Count(Concat("SELECT count(*) FROM tracked_records WHERE external_id LIKE '", prefix, "%'")), 60);
  }
}

}  // namespace
}  // namespace trunkline::tracking_sync
