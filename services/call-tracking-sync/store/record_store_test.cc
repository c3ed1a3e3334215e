#include "services/call-tracking-sync/store/record_store.h"

#include "services/call-tracking-sync/testing/tracking_fixture.h"

namespace trunkline::tracking_sync {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class RecordStoreTest : public TrackingFixture {
 protected:
  FetchStore::Due Due(const std::vector<FetchReason>& reasons = {FetchReason::kWebhook, FetchReason::kWhole,
                                                                 FetchReason::kLost, FetchReason::kWholeLater}) {
    auto due = fetches_.ReadDue(kAccount, reasons, 10);
    EXPECT_TRUE(due.ok()) << due.status();
    return due.value_or(FetchStore::Due());
  }

  const absl::Time start_ = absl::FromUnixSeconds(1'772'470'000);
};

TEST_F(RecordStoreTest, WhatSaysTheSameIsSentOnce) {
  EXPECT_EQ(Commit({.pass = "created", .calls = {Call("a", 100, start_)}}).inserted, 1);
  EXPECT_EQ(Commit({.pass = "created", .calls = {Call("a", 100, start_ + absl::Minutes(1))}}).unchanged, 1);
  const auto messages = TakeMessages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].provider_account_id(), kAccount);
  EXPECT_EQ(messages[0].business_id(), kBusiness);
  EXPECT_EQ(messages[0].record().reading(), 0);
  EXPECT_EQ(written_, 1);
}

TEST_F(RecordStoreTest, WhatChangesBackIsAnotherReading) {
  Commit({.calls = {Call("a", 100, start_)}});
  Commit({.calls = {Call("a", 200, start_ + absl::Minutes(1))}});
  EXPECT_EQ(Commit({.calls = {Call("a", 100, start_ + absl::Minutes(2))}}).updated, 1);
  const auto messages = TakeMessages();
  ASSERT_THAT(messages, SizeIs(3));
  EXPECT_EQ(messages[2].record().reading(), 2);
}

TEST_F(RecordStoreTest, OfTwoReadingsTheOneThatWasAskedForLaterCounts) {
  Commit({.calls = {Call("a", 100, start_)}});
  Commit({.calls = {Call("a", 100, start_ + absl::Minutes(2))}});
  EXPECT_EQ(Commit({.calls = {Call("a", 50, start_ + absl::Minutes(1))}}).stale, 1);
  EXPECT_THAT(TakeMessages(), SizeIs(1));
}

TEST_F(RecordStoreTest, AnOlderVersionIsDroppedHoweverLateItWasAskedFor) {
  Commit({.calls = {Call("a", 100, start_, start_)}});
  EXPECT_EQ(Commit({.calls = {Call("a", 50, start_ + absl::Hours(1), start_ - absl::Minutes(1))}}).stale, 1);
  EXPECT_EQ(Commit({.calls = {Call("a", 100, start_ + absl::Hours(1), start_ + absl::Minutes(1))}}).updated, 1)
      << "a later version is told though it says the same";
}

TEST_F(RecordStoreTest, AListWithoutTagsSaysTheSameAsTheDetailWithThem) {
  tracking::PlatformCall detail = Call("a", 100, start_);
  detail.call.tags = {true, tracking::Tags{{"geo", "us"}}};
  Commit({.calls = {detail}});
  EXPECT_EQ(Commit({.calls = {Call("a", 100, start_ + absl::Minutes(1))}}).unchanged, 1);
  detail.requested_at += absl::Minutes(2);
  EXPECT_EQ(Commit({.calls = {detail}}).unchanged, 1) << "the tags are remembered";
  detail.call.tags = {true, tracking::Tags{{"geo", "ca"}}};
  detail.requested_at += absl::Minutes(3);
  EXPECT_EQ(Commit({.calls = {detail}}).updated, 1);
}

TEST_F(RecordStoreTest, AnOwnerWhoseEpochIsOverWritesNothing) {
  const Ownership before = owner_;
  Own();
  RecordBatch batch{.pass = "created", .calls = {Call("a", 100, start_)}};
  batch.checkpoint = CheckpointChange{.pass = "created", .checkpoint = {.watermark = start_}};
  EXPECT_TRUE(Commit(before, batch).fenced);
  EXPECT_THAT(TakeMessages(), IsEmpty());
  EXPECT_EQ(Number("SELECT count(*) FROM tracked_records"), 0);
  EXPECT_EQ(Number("SELECT count(*) FROM sync_checkpoints"), 0);
}

TEST_F(RecordStoreTest, APageAndThePlaceAfterItAreCommittedTogether) {
  Checkpoint checkpoint{.watermark = start_};
  checkpoint.run = PassRun{.started_at = start_,
                           .to = start_ + absl::Hours(30),
                           .window = {.from = start_,
                                      .to = start_ + absl::Hours(24),
                                      .started_at = start_,
                                      .page_size = 50,
                                      .position = tracking::Position{"cursor", "0017"},
                                      .first_page_max = start_,
                                      .first_total = 17,
                                      .seen = 3,
                                      .restarts = 1}};
  checkpoint.counters = {.pages = 1, .seen = 3};
  RecordBatch batch{.pass = "created", .calls = {Call("a", 100, start_), Call("b", 100, start_)}};
  batch.bad = {{.external_id = "c", .body = "[]", .error = "no id"}};
  batch.checkpoint = CheckpointChange{.pass = "created", .checkpoint = checkpoint};
  const RecordOutcome outcome = Commit(batch);
  EXPECT_EQ(outcome.checkpoint.counters,
            (Counters{.pages = 1, .seen = 3, .inserted = 2, .updated = 0, .unchanged = 0, .failed = 1}));
  const auto state = accounts_.Read(kAccount);
  ASSERT_TRUE(state.ok()) << state.status();
  EXPECT_EQ(state->checkpoints.at("created"), outcome.checkpoint);
  EXPECT_EQ(Number("SELECT count(*) FROM sync_failures WHERE resolved_at IS NULL"), 1);
  // A walk has no ends.
  batch.checkpoint->checkpoint.run->to = absl::InfiniteFuture();
  batch.checkpoint->checkpoint.run->window.to = absl::InfiniteFuture();
  batch.checkpoint->checkpoint.run->window.position.reset();
  const Checkpoint written = Commit(batch).checkpoint;
  EXPECT_EQ(accounts_.Read(kAccount)->checkpoints.at("created"), written);
}

TEST_F(RecordStoreTest, ATextThatCannotBeStoredLeavesNothingBehind) {
  RecordBatch batch{.pass = "created", .calls = {Call("a", 100, start_)}};
  batch.bad = {{.external_id = std::string("\0", 1), .body = "x", .error = "e"}};
  EXPECT_FALSE(records_.Commit(owner_, account_, batch).ok());
  EXPECT_EQ(Number("SELECT count(*) FROM tracked_records"), 0);
  EXPECT_THAT(TakeMessages(), IsEmpty());
}

TEST_F(RecordStoreTest, AFetchIsDoneUnlessAnotherWebhookCameMeanwhile) {
  ASSERT_EQ(fetches_.Add({{kAccount, "a", start_}, {kAccount, "a", start_}, {kAccount, "b", start_}}).value(), 2);
  const std::vector<DueFetch> due = Due().fetches;
  ASSERT_THAT(due, SizeIs(2)) << "webhooks of one call are one fetch";
  ASSERT_TRUE(fetches_.Add({{kAccount, "b", start_}}).ok());
  RecordBatch batch{.pass = "webhooks", .calls = {Call("a", 1, start_), Call("b", 1, start_)}};
  for (const DueFetch& fetch : due)
    batch.fetches.push_back({fetch.external_id, fetch.notified_at, fetch.notifications});
  Commit(batch);
  const std::vector<DueFetch> left = Due().fetches;
  ASSERT_THAT(left, SizeIs(1));
  EXPECT_EQ(left[0].external_id, "b");
  EXPECT_EQ(Number("SELECT count(*) FROM tracked_records WHERE webhook_at IS NOT NULL"), 2);
}

TEST_F(RecordStoreTest, WebhooksOfAccountsThatAreNotSynchronizedAreLeftOut) {
  EXPECT_EQ(fetches_.Add({{"0190b2c3-0000-7000-8000-0000000000ff", "a", start_}}).value(), 0);
}

TEST_F(RecordStoreTest, ARecoveryThatIsDoneCountsTheCallsOfWhichNoWebhookTold) {
  const absl::Time began = absl::FromUnixSeconds(1'772'460'000);
  Run("INSERT INTO sync_runs (run_id, business_id, provider_account_id, kind, range_from, range_to, requested_by, "
      "request_id) VALUES ($1, $2, $3, 'recovery', $4, $5, 'test', $1)",
      {"0190b2c3-0000-7000-8000-0000000000e1", kBusiness, kAccount, began, began + absl::Hours(1)});
  std::vector<tracking::PlatformCall> calls = {Call("a", 1, start_), Call("b", 1, start_), Call("live", 1, start_)};
  for (size_t i = 0; i < 2; ++i) calls[i].call.ended_at = {true, began + absl::Minutes(1)};
  ASSERT_TRUE(fetches_.Add({{kAccount, "a", began + absl::Minutes(1)}}).ok());
  const DueFetch due = Due().fetches.at(0);
  Commit({.calls = calls, .fetches = {{due.external_id, due.notified_at, due.notifications}}});
  ASSERT_TRUE(accounts_.SetRunState(owner_, "0190b2c3-0000-7000-8000-0000000000e1", "done", "").ok());
  EXPECT_EQ(Number("SELECT webhook_missing FROM sync_runs WHERE state = 'done'"), 1);
  ASSERT_TRUE(accounts_.Read(kAccount)->runs.empty());
}

TEST_F(RecordStoreTest, ACallThatTheStatusSaysIsLiveIsListedUntilItEnds) {
  tracking::PlatformCall live = Call("a", 0, start_);
  live.call.status = calls::v1::CALL_STATUS_ANSWERED;
  Commit({.calls = {live}});
  const absl::Time began = *live.call.started_at;
  EXPECT_THAT(*accounts_.LiveCalls(kAccount, began, began + absl::Hours(1), 10), SizeIs(1));
  Commit({.calls = {Call("a", 0, start_ + absl::Minutes(1))}});
  EXPECT_THAT(*accounts_.LiveCalls(kAccount, began, began + absl::Hours(1), 10), IsEmpty());
}

TEST_F(RecordStoreTest, WhatIsGoneIsToldOnceAndNotWhenItWasReadLater) {
  Commit({.calls = {Call("a", 100, start_), Call("b", 100, start_ + absl::Minutes(2))}});
  TakeMessages();
  RecordBatch batch{.gone = {"a", "b", "never seen"}};
  batch.asked_at = start_ + absl::Minutes(1);
  EXPECT_EQ(Commit(batch).gone, 1);
  auto messages = TakeMessages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].event(), "record_lost");
  EXPECT_EQ(messages[0].call_id(), messages[0].fact().call_id());
  EXPECT_EQ(messages[0].fact().details().external_call_id(), "a");
  EXPECT_EQ(messages[0].fact().record_version(), absl::ToUnixMicros(start_)) << "a fact of the version that is known";
  EXPECT_EQ(Commit(batch).gone, 0);
  EXPECT_THAT(TakeMessages(), IsEmpty());

  EXPECT_EQ(Commit({.calls = {Call("a", 100, start_ + absl::Seconds(30))}}).unchanged, 1);
  EXPECT_THAT(TakeMessages(), IsEmpty()) << "it was read before it was gone";
  Commit({.calls = {Call("a", 100, start_ + absl::Minutes(5))}});
  messages = TakeMessages();
  ASSERT_THAT(messages, SizeIs(1));
  EXPECT_EQ(messages[0].event(), "record_found");
  EXPECT_EQ(Number("SELECT count(*) FROM tracked_records WHERE gone_at IS NOT NULL"), 0);
}

TEST_F(RecordStoreTest, AStaleCallStaysClosedUntilItsRecordSaysSomethingElse) {
  tracking::PlatformCall live = Call("a", 0, start_);
  live.call.status = calls::v1::CALL_STATUS_ANSWERED;
  Commit({.calls = {live}});
  RecordBatch batch{.stale = {"a"}};
  batch.asked_at = start_;
  EXPECT_EQ(Commit(batch).closed, 1);
  const absl::Time began = *live.call.started_at;
  live.requested_at += absl::Hours(1);
  Commit({.calls = {live}});
  EXPECT_THAT(*accounts_.LiveCalls(kAccount, began, began + absl::Hours(1), 10), IsEmpty());
  live.requested_at += absl::Hours(1);
  live.call.revenue = {true, 5};
  Commit({.calls = {live}});
  EXPECT_THAT(*accounts_.LiveCalls(kAccount, began, began + absl::Hours(1), 10), SizeIs(1));
  EXPECT_THAT(TakeMessages(), SizeIs(3));
}

TEST_F(RecordStoreTest, FetchesComeInTheOrderOfTheirReasonsAndAWebhookGoesFirst) {
  Commit(
      {.wanted = {{"later", FetchReason::kWholeLater}, {"lost", FetchReason::kLost}, {"whole", FetchReason::kWhole}}});
  EXPECT_EQ(Due().reason, FetchReason::kWhole);
  ASSERT_THAT(Due({FetchReason::kLost, FetchReason::kWholeLater}).fetches, SizeIs(1));
  EXPECT_EQ(Due({FetchReason::kLost, FetchReason::kWholeLater}).fetches[0].external_id, "lost");
  ASSERT_TRUE(fetches_.Add({{kAccount, "later", start_}}).ok());
  EXPECT_EQ(Due().reason, FetchReason::kWebhook);
  EXPECT_EQ(Due().fetches.at(0).notified_at, start_);
  Commit({.wanted = {{"later", FetchReason::kWhole}}});
  EXPECT_EQ(Due().reason, FetchReason::kWebhook) << "what waits already waits as it did";
}

}  // namespace
}  // namespace trunkline::tracking_sync
