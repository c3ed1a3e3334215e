#include "services/campaign-scheduler/store/campaign_commit.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "services/campaign-scheduler/store/postgres_outcome_store.h"
#include "services/campaign-scheduler/testing/store_fixture.h"
#include "trunkline/campaigns/v1/campaign_event.pb.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kForbidFirst[] =
    "INSERT INTO suppression (number, business_id, reason, actor) VALUES ('+12025550001', $1, 'asked', 'test')";

class CampaignCommitTest : public StoreFixture {
 protected:
  // Sessions that wait for a lock.
  int64_t Waiting() { return Number("SELECT count(*) FROM pg_locks WHERE NOT granted"); }
  std::vector<campaigns::v1::CampaignEvent> Events(const std::string& campaign_id) {
    const auto rows =
        Run("SELECT message FROM campaign_events_outbox WHERE campaign_id = $1 ORDER BY outbox_id", {campaign_id});
    std::vector<campaigns::v1::CampaignEvent> events(static_cast<size_t>(rows.size()));
    for (int i = 0; i < rows.size(); ++i) EXPECT_TRUE(events[static_cast<size_t>(i)].ParseFromString(rows.Bytes(i, 0)));
    return events;
  }
};

TEST_F(CampaignCommitTest, AttemptsAreCommittedWithTheirContactsNumbersEventsAndCounts) {
  const std::string id = AddCampaign(3);
  const Ownership owner = Own(id);
  const std::vector<DueContact> due = Due(owner, 2);
  ASSERT_THAT(due, SizeIs(2));
  EXPECT_EQ(due[0].contact.record.position(), 1);
  const CommitBatch batch = Attempts(due);
  const CommitResult result = Commit(owner, batch);
  EXPECT_THAT(result.started, ElementsAre(batch.attempts[0].attempt_id, batch.attempts[1].attempt_id));
  EXPECT_THAT(result.denied, IsEmpty());
  EXPECT_FALSE(result.campaign.has_value());
  EXPECT_EQ(Counts(id), "1/2/0/0/0/0/0");
  EXPECT_EQ(Number("SELECT count(*) FROM attempts WHERE campaign_id = $1 AND disposition = 0 AND epoch = $2 AND "
                   "dial_before = committed_at + interval '20 seconds'",
                   {id, owner.epoch}),
            2);
  EXPECT_EQ(Number("SELECT position FROM campaign_progress WHERE campaign_id = $1", {id}), 2);
  EXPECT_EQ(Number("SELECT count(*) FROM number_dials WHERE dialed_at = ARRAY[$1::timestamptz]", {result.now}), 2);
  const auto events = Events(id);
  ASSERT_THAT(events, SizeIs(2));
  EXPECT_EQ(events[0].type(), campaigns::v1::CAMPAIGN_EVENT_TYPE_ATTEMPT_STARTED);
  EXPECT_EQ(events[0].sequence() + 1, events[1].sequence());
  v1::Decision decision;
  ASSERT_TRUE(decision.ParseFromString(Run("SELECT decision FROM attempts LIMIT 1").Bytes(0, 0)));
  EXPECT_TRUE(decision.allowed());
  EXPECT_GE(decision.results_size(), 10) << "the evidence is kept";
  EXPECT_THAT(Due(owner), SizeIs(1)) << "who is under way is not due";
}

TEST_F(CampaignCommitTest, AnEndingMovesContactAttemptHoursAndCounts) {
  const std::string id = AddCampaign(2);
  const Ownership owner = Own(id);
  CommitBatch first = Attempts(Due(owner));
  const absl::Time at = Commit(owner, first).now;
  CommitBatch second;
  second.endings.push_back(End(first.attempts[0], at, v1::DISPOSITION_CONNECTED, v1::CONTACT_STATE_REACHED));
  second.endings.push_back(
      End(first.attempts[1], at, v1::DISPOSITION_BUSY, v1::CONTACT_STATE_WAITING, absl::Now() - absl::Seconds(1)));
  Commit(owner, second);
  EXPECT_EQ(Counts(id), "0/0/1/1/0/0/0");
  EXPECT_EQ(Text("SELECT concat_ws('/', attempts, attempts_connected, attempts_failed) FROM campaign_progress WHERE "
                 "campaign_id = $1",
                 {id}),
            "2/1/1");
  EXPECT_EQ(
      Number("SELECT count(*) FROM campaign_hours WHERE campaign_id = $1 AND attempts = 1 AND talk_milliseconds = "
             "30000 AND local_hour = 12",
             {id}),
      2);
  EXPECT_EQ(
      Number("SELECT count(*) FROM attempts WHERE campaign_id = $1 AND disposition IN (1, 3) AND ended_at IS NOT NULL "
             "AND call_id IS NOT NULL",
             {id}),
      2);
  const std::vector<DueContact> due = Due(owner);
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].contact.record.attempts(), 1);
  EXPECT_THAT(due[0].contact.endings, ElementsAre(v1::DISPOSITION_BUSY));
  EXPECT_THAT(due[0].number.dials, SizeIs(1));
  EXPECT_EQ(Plan(due[0]).number, 2);
  int finished = 0;
  for (const auto& event : Events(id)) finished += event.has_contact() ? 1 : 0;
  EXPECT_EQ(finished, 1);
}

TEST_F(CampaignCommitTest, AnOwnerOfAnEarlierEpochCommitsNothing) {
  const std::string id = AddCampaign(2);
  const Ownership before = Own(id);
  const std::vector<DueContact> due = Due(before);
  const Ownership after = Own(id);
  EXPECT_TRUE(Commit(before, Attempts(due)).fenced);
  EXPECT_EQ(Counts(id), "2/0/0/0/0/0/0");
  EXPECT_EQ(Number("SELECT count(*) FROM number_dials"), 0);
  EXPECT_FALSE(Commit(after, Attempts(due)).fenced);
  EXPECT_FALSE(store_.Load(before).ok());
}

TEST_F(CampaignCommitTest, TwoOwnersAtOnceCommitEachAttemptOnce) {
  const std::string id = AddCampaign(200);
  std::atomic<int64_t> started = 0;
  std::vector<std::jthread> owners;
  for (int i = 0; i < 4; ++i) {
    const Ownership owner = Own(id);
    const std::vector<DueContact> due = Due(owner, 200);
    owners.emplace_back([this, owner, due, &started] {
      for (size_t at = 0; at < due.size(); at += 20) {
        const std::vector<DueContact> part(due.begin() + static_cast<std::ptrdiff_t>(at),
                                           due.begin() + static_cast<std::ptrdiff_t>(at + 20));
        started += static_cast<int64_t>(Commit(owner, Attempts(part)).started.size());
      }
    });
  }
  owners.clear();
  EXPECT_EQ(started, Number("SELECT count(*) FROM attempts"));
  EXPECT_EQ(started, Number("SELECT count(DISTINCT to_number) FROM attempts"));
  EXPECT_EQ(Number("SELECT contacts_in_flight FROM campaign_progress WHERE campaign_id = $1", {id}), started);
}

TEST_F(CampaignCommitTest, AnAttemptThatIsThereAlreadyIsNotMadeAgain) {
  const std::string id = AddCampaign(1);
  const Ownership owner = Own(id);
  const CommitBatch batch = Attempts(Due(owner));
  EXPECT_THAT(Commit(owner, batch).started, SizeIs(1));
  // The answer was lost, and the same is tried again.
  const CommitResult again = Commit(owner, batch);
  EXPECT_THAT(again.started, IsEmpty());
  ASSERT_THAT(again.denied, SizeIs(1));
  EXPECT_EQ(again.denied[0].decision.rule(), v1::CALL_RULE_CONTACT_STATE);
  EXPECT_EQ(Counts(id), "0/1/0/0/0/0/0");
  EXPECT_EQ(Number("SELECT cardinality(dialed_at) FROM number_dials"), 1);
}

TEST_F(CampaignCommitTest, OnceAPauseIsCommittedNoAttemptFollows) {
  const std::string id = AddCampaign(2);
  const Ownership owner = Own(id);
  const Campaign running = CampaignOf(owner);
  const CommitBatch batch = Attempts(Due(owner));
  Run("UPDATE campaigns SET state = 4, version = version + 1 WHERE campaign_id = $1", {id});
  const auto result = store_.Commit(owner, running, batch);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT(result->started, IsEmpty());
  ASSERT_TRUE(result->campaign.has_value());
  EXPECT_EQ(result->campaign->state, v1::CAMPAIGN_STATE_PAUSED);
  EXPECT_EQ(Counts(id), "2/0/0/0/0/0/0");
}

TEST_F(CampaignCommitTest, APauseWaitsForTheCommitUnderWayAndNoneFollowsIt) {
  const std::string id = AddCampaign(400);
  const Ownership owner = Own(id);
  const Campaign running = CampaignOf(owner);
  const std::vector<DueContact> due = Due(owner, 400);
  std::atomic<bool> paused = false;
  std::atomic<int> late = 0;
  std::jthread owning([&] {
    for (const DueContact& contact : due) {
      const bool was_paused = paused;
      const auto result = store_.Commit(owner, running, Attempts({contact}));
      if (!result.ok()) continue;
      if (was_paused && !result->started.empty()) ++late;
    }
  });
  auto connection = *postgres::Connection::Open(database_.url());
  while (Number("SELECT contacts_in_flight FROM campaign_progress WHERE campaign_id = $1", {id}) < 20) {
  }
  ASSERT_TRUE(connection->transaction()
                  .Execute("UPDATE campaigns SET state = 4, version = version + 1 WHERE campaign_id = $1", {id})
                  .ok());
  paused = true;
  owning.join();
  EXPECT_EQ(late, 0);
  EXPECT_GT(Number("SELECT contacts_pending FROM campaign_progress WHERE campaign_id = $1", {id}), 0);
}

TEST_F(CampaignCommitTest, ChangedRulesCountInTheCommitThatFindsThem) {
  const std::string id = AddCampaign(1);
  const Ownership owner = Own(id);
  const Campaign before = CampaignOf(owner);
  const CommitBatch batch = Attempts(Due(owner));
  settings_.mutable_rules()->add_blocked_prefixes("+1202");
  Run("UPDATE campaigns SET settings = $2, version = version + 1 WHERE campaign_id = $1",
      {id, postgres::Parameter::Bytes(settings_.SerializeAsString())});
  const auto result = store_.Commit(owner, before, batch);
  ASSERT_TRUE(result.ok());
  ASSERT_THAT(result->denied, SizeIs(1));
  EXPECT_EQ(result->denied[0].decision.rule(), v1::CALL_RULE_BLOCKED_PREFIX);
  EXPECT_EQ(Counts(id), "0/0/0/0/0/1/0");
}

TEST_F(CampaignCommitTest, ANumberThatIsForbiddenBetweenReadAndCommitIsNotCalled) {
  const std::string id = AddCampaign(4);
  const Ownership owner = Own(id);
  const CommitBatch batch = Attempts(Due(owner));
  Run("INSERT INTO suppression (number, reason, actor) VALUES ('+12025550001', 'asked', 'test')");
  Run("INSERT INTO suppression (number, business_id, reason, actor) VALUES ('+12025550002', $1, 'asked', 'test')",
      {kBusiness});
  Run("INSERT INTO suppression (number, business_id, campaign_id, reason, actor) VALUES ('+12025550003', $1, $2, "
      "'asked', "
      "'test')",
      {kBusiness, id});
  Run("INSERT INTO suppression (number, business_id, reason, actor) VALUES ('+12025550004', $1, 'theirs', 'test')",
      {kOtherBusiness});
  const CommitResult result = Commit(owner, batch);
  EXPECT_THAT(result.started, ElementsAre(batch.attempts[3].attempt_id));
  ASSERT_THAT(result.denied, SizeIs(3));
  EXPECT_EQ(result.denied[0].decision.rule(), v1::CALL_RULE_DO_NOT_CALL_GLOBAL);
  EXPECT_EQ(result.denied[1].decision.rule(), v1::CALL_RULE_DO_NOT_CALL_BUSINESS);
  EXPECT_EQ(result.denied[2].decision.rule(), v1::CALL_RULE_DO_NOT_CALL_CAMPAIGN);
  EXPECT_EQ(Counts(id), "0/1/0/0/0/3/0");
  EXPECT_EQ(Number("SELECT count(*) FROM number_dials WHERE dialed_at <> '{}'"), 1)
      << "what is not dialled counts nowhere";
}

TEST_F(CampaignCommitTest, AContactThatSomebodyChangesPastTheRulesIsNotLost) {
  const std::string id = AddCampaign(2);
  const Ownership owner = Own(id);
  const Campaign campaign = CampaignOf(owner);
  const CommitBatch batch = Attempts(Due(owner));
  auto changing = *postgres::Connection::Open(database_.url());
  changing->Begin();
  ASSERT_TRUE(changing->transaction().Execute("UPDATE contacts SET time_zone = 'UTC' WHERE position = 2").ok());
  absl::Status status;
  std::jthread committing([&] { status = store_.Commit(owner, campaign, batch).status(); });
  while (Waiting() == 0) {
  }
  ASSERT_TRUE(changing->Commit().ok());
  committing.join();
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << status;
  EXPECT_EQ(Counts(id), "2/0/0/0/0/0/0");
  EXPECT_THAT(Commit(owner, batch).started, SizeIs(2));
}

TEST_F(CampaignCommitTest, WhoeverForbidsANumberWaitsForAttemptsThatWereDecidedWithoutIt) {
  const Ownership owner = Own(AddCampaign(1));
  const Campaign campaign = CampaignOf(owner);
  const CommitBatch batch = Attempts(Due(owner));
  auto deciding = *postgres::Connection::Open(database_.UrlOf("trunkline_scheduler_worker"));
  deciding->Begin();
  ASSERT_TRUE(CampaignCommit(deciding->transaction(), owner, campaign, batch, {}).Run().ok());
  std::atomic<bool> forbidden = false;
  std::jthread forbidding([&] {
    auto connection = *postgres::Connection::Open(database_.url());
    const auto added = connection->transaction().Execute(kForbidFirst, {kBusiness});
    forbidden = true;
    EXPECT_TRUE(added.ok()) << added.status();
  });
  while (Waiting() == 0) {
  }
  EXPECT_FALSE(forbidden);
  ASSERT_TRUE(deciding->Commit().ok());
}

TEST_F(CampaignCommitTest, AnAttemptWaitsForWhoeverForbidsANumberAndIsDenied) {
  const Ownership owner = Own(AddCampaign(1));
  const CommitBatch batch = Attempts(Due(owner));
  auto forbidding = *postgres::Connection::Open(database_.url());
  forbidding->Begin();
  ASSERT_TRUE(forbidding->transaction().Execute(kForbidFirst, {kBusiness}).ok());
  CommitResult result;
  std::jthread deciding([&] { result = Commit(owner, batch); });
  while (Waiting() == 0) {
  }
  ASSERT_TRUE(forbidding->Commit().ok());
  deciding.join();
  ASSERT_THAT(result.denied, SizeIs(1));
  EXPECT_EQ(result.denied[0].decision.rule(), v1::CALL_RULE_DO_NOT_CALL_BUSINESS);
}

TEST_F(CampaignCommitTest, CapsHoldOverTwoCampaignsThatCallTheSameNumbersAtOnce) {
  settings_.mutable_rules()->set_max_calls_per_number_per_day(1);
  const Ownership owners[] = {Own(AddCampaign(100)), Own(AddCampaign(100))};
  std::vector<std::jthread> threads;
  for (const Ownership& owner : owners) {
    threads.emplace_back([this, &owner, &owners] {
      std::vector<DueContact> due = Due(owner, 100);
      // In another order each, and several at a time.
      if (&owner == &owners[1]) std::reverse(due.begin(), due.end());
      for (size_t at = 0; at < due.size(); at += 10) {
        Commit(owner, Attempts({due.begin() + static_cast<std::ptrdiff_t>(at),
                                due.begin() + static_cast<std::ptrdiff_t>(at + 10)}));
      }
    });
  }
  threads.clear();
  EXPECT_EQ(Number("SELECT count(*) FROM attempts"), 100);
  EXPECT_EQ(Number("SELECT count(DISTINCT to_number) FROM attempts"), 100);
  EXPECT_EQ(Number("SELECT max(cardinality(dialed_at)) FROM number_dials"), 1);
  EXPECT_EQ(Number("SELECT count(*) FROM contacts WHERE state = 3 AND due_at > now() AND last_rule = $1",
                   {static_cast<int>(v1::CALL_RULE_NUMBER_PER_DAY)}),
            100);
}

TEST_F(CampaignCommitTest, WhatWasNotDialledCountsForNoCapOnTheNumber) {
  settings_.mutable_rules()->set_max_calls_per_number_per_day(1);
  const std::string id = AddCampaign(1);
  const Ownership owner = Own(id);
  CommitBatch batch = Attempts(Due(owner));
  const absl::Time at = Commit(owner, batch).now;
  CommitBatch ending;
  ending.endings.push_back(End(batch.attempts[0], at, v1::DISPOSITION_NOT_DIALED, v1::CONTACT_STATE_WAITING,
                               absl::Now() - absl::Seconds(1)));
  ending.endings[0].call_id.clear();
  ending.endings[0].attempts = 0;
  Commit(owner, ending);
  const std::vector<DueContact> due = Due(owner);
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_THAT(due[0].number.dials, IsEmpty());
  EXPECT_EQ(due[0].contact.record.attempts(), 0);
  EXPECT_THAT(Commit(owner, Attempts(due)).started, SizeIs(1));
}

TEST_F(CampaignCommitTest, AContactThatIsTakenOutWhileItIsCalledStaysOut) {
  const std::string id = AddCampaign(2);
  const Ownership owner = Own(id);
  CommitBatch batch = Attempts(Due(owner, 1));
  const absl::Time at = Commit(owner, batch).now;
  Run("UPDATE contacts SET state = 7 WHERE campaign_id = $1 AND position = 1", {id});
  Run("UPDATE campaign_progress SET contacts_in_flight = 0, contacts_removed = 1 WHERE campaign_id = $1", {id});
  CommitBatch ending;
  ending.endings.push_back(End(batch.attempts[0], at, v1::DISPOSITION_BUSY, v1::CONTACT_STATE_WAITING, absl::Now()));
  Commit(owner, ending);
  EXPECT_EQ(Counts(id), "1/0/0/0/0/0/1");
  EXPECT_EQ(Number("SELECT endings[1] FROM contacts WHERE campaign_id = $1 AND position = 1", {id}), 3);
}

TEST_F(CampaignCommitTest, ACampaignCompletesWithItsLastEnding) {
  const std::string id = AddCampaign(1);
  const Ownership owner = Own(id);
  CommitBatch batch = Attempts(Due(owner));
  const absl::Time at = Commit(owner, batch).now;
  CommitBatch ending;
  ending.endings.push_back(End(batch.attempts[0], at, v1::DISPOSITION_CONNECTED, v1::CONTACT_STATE_REACHED));
  const CommitResult result = Commit(owner, ending);
  ASSERT_TRUE(result.campaign.has_value());
  EXPECT_EQ(result.campaign->state, v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(CampaignOf(owner).state, v1::CAMPAIGN_STATE_COMPLETED);
  EXPECT_EQ(CampaignOf(owner).version, result.campaign->version);
  EXPECT_EQ(Number("SELECT to_state FROM campaign_transitions WHERE campaign_id = $1", {id}), 5);
  EXPECT_EQ(
      Number("SELECT count(*) FROM campaign_progress WHERE campaign_id = $1 AND running_since IS NULL AND ran > '0'",
             {id}),
      1);
  EXPECT_EQ(Events(id).back().type(), campaigns::v1::CAMPAIGN_EVENT_TYPE_STATE_CHANGED);
}

TEST_F(CampaignCommitTest, AnOpenOrEmptyCampaignDoesNotComplete) {
  const Ownership empty = Own(AddCampaign(0));
  EXPECT_FALSE(Commit(empty, {}).campaign.has_value());
  settings_.set_keep_open(true);
  const std::string id = AddCampaign(1);
  const Ownership open = Own(id);
  CommitBatch batch = Attempts(Due(open));
  const absl::Time at = Commit(open, batch).now;
  CommitBatch ending;
  ending.endings.push_back(End(batch.attempts[0], at, v1::DISPOSITION_CONNECTED, v1::CONTACT_STATE_REACHED));
  EXPECT_FALSE(Commit(open, ending).campaign.has_value());
}

TEST_F(CampaignCommitTest, ACampaignThatStopsByItselfSaysWhy) {
  const std::string id = AddCampaign(3);
  const Ownership owner = Own(id);
  CommitBatch batch;
  batch.stop = StopCampaign{.actor = "auto_pause", .reason = "too many failed"};
  const CommitResult result = Commit(owner, batch);
  ASSERT_TRUE(result.campaign.has_value());
  EXPECT_EQ(result.campaign->state, v1::CAMPAIGN_STATE_PAUSED);
  EXPECT_EQ(Text("SELECT state_actor || ': ' || state_reason FROM campaigns WHERE campaign_id = $1", {id}),
            "auto_pause: too many failed");
}

TEST_F(CampaignCommitTest, OutcomesAreKeptOnceForAttemptsUnderWayOfTheirBusinessOnly) {
  const std::string id = AddCampaign(2);
  const Ownership owner = Own(id);
  CommitBatch batch = Attempts(Due(owner));
  const absl::Time at = Commit(owner, batch).now;
  PostgresOutcomeStore outcomes(pool_);
  const auto told = [&](size_t attempt, const char* business) {
    ToldOutcome outcome{.business_id = business, .outcome = {}};
    outcome.outcome.attempt_id = batch.attempts[attempt].attempt_id;
    outcome.outcome.call_id = NewUuid(absl::Now());
    outcome.outcome.told.set_disposition(v1::DISPOSITION_BUSY);
    return outcome;
  };
  EXPECT_EQ(*outcomes.Keep({told(0, kBusiness), told(0, kBusiness), told(1, kOtherBusiness)}), 1);
  EXPECT_EQ(*outcomes.Keep({told(0, kBusiness)}), 0);
  const auto read = *store_.ReadOutcomes({id}, 10);
  ASSERT_THAT(read, SizeIs(1));
  EXPECT_EQ(read[0].outcome.told.disposition(), v1::DISPOSITION_BUSY);
  CommitBatch ending;
  ending.endings.push_back(End(batch.attempts[0], at, v1::DISPOSITION_BUSY, v1::CONTACT_STATE_EXHAUSTED));
  Commit(owner, ending);
  EXPECT_EQ(Number("SELECT count(*) FROM attempt_outcomes"), 0);
  EXPECT_EQ(*outcomes.Keep({told(0, kBusiness)}), 0) << "it has ended";
}

TEST_F(CampaignCommitTest, ANewOwnerReadsWhatIsUnderWay) {
  const std::string id = AddCampaign(3);
  const Ownership before = Own(id);
  CommitBatch batch = Attempts(Due(before, 2));
  const absl::Time at = Commit(before, batch).now;
  CommitBatch told;
  told.calls.push_back({batch.attempts[0].attempt_id, NewUuid(absl::Now())});
  told.endings.push_back(End(batch.attempts[1], at, v1::DISPOSITION_ABANDONED, v1::CONTACT_STATE_EXHAUSTED));
  Commit(before, told);
  const auto takeover = store_.Load(Own(id));
  ASSERT_TRUE(takeover.ok()) << takeover.status();
  ASSERT_THAT(takeover->under_way, SizeIs(1));
  EXPECT_EQ(takeover->under_way[0].attempt_id, batch.attempts[0].attempt_id);
  EXPECT_EQ(takeover->under_way[0].call_id, told.calls[0].call_id);
  EXPECT_EQ(takeover->under_way[0].slot_id, batch.attempts[0].slot_id);
  EXPECT_EQ(takeover->under_way[0].contact.record.number(), "+12025550001");
  EXPECT_EQ(takeover->under_way[0].dial_before, at + absl::Seconds(20));
  EXPECT_THAT(takeover->recent_commits, SizeIs(2));
  EXPECT_EQ(takeover->people.Within(absl::Hours(24), takeover->now).abandoned, 1);
}

TEST_F(CampaignCommitTest, WhoeverReadsAnewWaitsForACommitWhoseAnswerWasLost) {
  const std::string id = AddCampaign(1);
  const Ownership owner = Own(id);
  auto lost = *postgres::Connection::Open(database_.UrlOf("trunkline_scheduler_worker"));
  lost->Begin();
  const Campaign campaign = CampaignOf(owner);
  const CommitBatch batch = Attempts(Due(owner));
  ASSERT_TRUE(CampaignCommit(lost->transaction(), owner, campaign, batch, {}).Run().ok());
  std::atomic<bool> loaded = false;
  std::jthread loading([&] {
    const auto takeover = store_.Load(owner);
    loaded = true;
    ASSERT_TRUE(takeover.ok());
    EXPECT_THAT(takeover->under_way, SizeIs(1)) << "the commit that nobody knew of is in it";
  });
  while (Waiting() == 0) {
  }
  EXPECT_FALSE(loaded);
  ASSERT_TRUE(lost->Commit().ok());
}

TEST_F(CampaignCommitTest, WaitingContactsComeFirstByTheirTimeThenPendingOnesByPriority) {
  const std::string id = AddCampaign(5);
  Run("UPDATE contacts SET priority = 5 WHERE campaign_id = $1 AND position = 4", {id});
  Run("UPDATE contacts SET state = 3, due_at = now() - position * interval '1 second' WHERE campaign_id = $1 AND "
      "position "
      "IN (2, 3)",
      {id});
  Run("UPDATE contacts SET state = 3, due_at = now() + interval '1 hour' WHERE campaign_id = $1 AND position = 5",
      {id});
  const auto due = store_.ReadDue(Own(id), {.most = 10, .in_hand = {}});
  ASSERT_TRUE(due.ok()) << due.status();
  std::vector<int64_t> positions;
  for (const DueContact& contact : due->contacts) positions.push_back(contact.contact.record.position());
  EXPECT_THAT(positions, ElementsAre(3, 2, 4, 1));
  EXPECT_FALSE(due->more);
  EXPECT_NEAR(absl::ToDoubleSeconds(due->next_due_at - absl::Now()), 3600, 60);
  EXPECT_TRUE(store_.ReadDue(Own(id), {.most = 2, .in_hand = {}})->more);

  const auto without = store_.ReadDue(Own(id), {.most = 2, .in_hand = {3, 4}});
  ASSERT_TRUE(without.ok()) << without.status();
  ASSERT_EQ(without->contacts.size(), 2);
  EXPECT_EQ(without->contacts[0].contact.record.position(), 2);
  EXPECT_EQ(without->contacts[1].contact.record.position(), 1);
}

TEST_F(CampaignCommitTest, ACampaignWhoseTimeHasComeStarts) {
  const std::string due = AddCampaign(1, kBusiness, v1::CAMPAIGN_STATE_SCHEDULED);
  const std::string later = AddCampaign(1, kBusiness, v1::CAMPAIGN_STATE_SCHEDULED);
  Run("UPDATE campaigns SET starts_at = now() - interval '1 second' WHERE campaign_id = $1", {due});
  Run("UPDATE campaigns SET starts_at = now() + interval '1 hour' WHERE campaign_id = $1", {later});
  EXPECT_EQ(*store_.StartScheduled(), 1);
  EXPECT_EQ(store_.ReadCampaign(due)->state, v1::CAMPAIGN_STATE_RUNNING);
  EXPECT_EQ(store_.ReadCampaign(later)->state, v1::CAMPAIGN_STATE_SCHEDULED);
  EXPECT_EQ(*store_.StartScheduled(), 0);
}

}  // namespace
}  // namespace trunkline::scheduler
