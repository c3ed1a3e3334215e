#include "services/concurrency-governor/journal/postgres_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "tests/support/test_database.h"

namespace trunkline::governor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

const std::string kJournaledBusiness = "0190b0a0-0000-7000-8000-000000000001";

class PostgresJournalTest : public testing::Test {
 protected:
  PostgresJournal Replica(const std::string& address, absl::Duration silence = absl::Hours(1)) {
    return PostgresJournal(
        {.url = database_.UrlOf("trunkline_governor"), .address = address, .topic = "events", .silence = silence},
        clock_);
  }
  static Slot OneSlot(const std::string& request, const std::string& campaign = "\"spring\" {1}") {
    const absl::Time now = absl::FromUnixMicros(1'800'000'000'123'456);
    return {.grant = std::make_shared<SlotGrant>(
                SlotGrant{.slot_id = SlotIdOf(kJournaledBusiness, request),
                          .fencing_token = 5,
                          .request_id = request,
                          .subject = {kJournaledBusiness, "account", "+15550100001", campaign},
                          .kind = SlotKind::kPriority,
                          .granted_at = now}),
            .expires_at = now + absl::Seconds(30),
            .last_news_at = now + absl::Seconds(2)};
  }
  static LedgerChanges OneLine(const Slot& slot, int64_t line = 1) { return {.first_line = line, .slots = {slot}}; }
  int64_t Count(const std::string& table) {
    return (*postgres::Connection::Open(database_.url()))
        ->transaction()
        .Execute(Concat("SELECT count(*) FROM ", table))
        ->Integer(0, 0);
  }

  testing_support::TestDatabase database_{/*migrated=*/true};
  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
};

TEST_F(PostgresJournalTest, ANewLeaderReadsWhatTheOneBeforeHasCommitted) {
  LedgerChanges changes = OneLine(OneSlot("r1"));
  changes.limits = {{{Level::kBusiness, kJournaledBusiness},
                     {.concurrency = 3,
                      .rates = {1, 2, 3, absl::Milliseconds(1500)},
                      .kept_for_inbound = 4,
                      .kept_for_priority = 5,
                      .guaranteed = 6,
                      .burst = 7,
                      .weight = 8}},
                    {{Level::kGlobal, ""}, {}}};
  changes.learned = {{"account {\"", {.calls = 4, .since = absl::FromUnixMicros(1'800'000'000'000'007)}}};
  int64_t first_epoch = 0;
  {
    PostgresJournal first = Replica("first");
    first_epoch = first.Stand()->won->epoch;
    ASSERT_TRUE(first.Commit(changes, {{0, 10}, {1, 20}}).ok());
    ASSERT_TRUE(first.Commit({.cleared_limits = {{Level::kGlobal, ""}}}, {{1, 21}}).ok());
  }
  PostgresJournal second = Replica("second");
  const auto election = second.Stand();
  ASSERT_TRUE(election.ok()) << election.status();
  const JournalContents& contents = *election->won;
  EXPECT_GT(contents.epoch, first_epoch);
  EXPECT_THAT(contents.limits, ElementsAre(changes.limits[0]));
  EXPECT_THAT(contents.positions, ElementsAre(Pair(0, 10), Pair(1, 21)));
  ASSERT_THAT(contents.slots.slots(), SizeIs(1));
  const auto& [line, slot] = contents.slots.slots().begin()->second;
  EXPECT_EQ(line, 1);
  const Slot& written = changes.slots[0];
  EXPECT_EQ(slot.slot_id(), written.slot_id());
  EXPECT_EQ(slot.fencing_token(), written.fencing_token());
  EXPECT_EQ(slot.grant->request_id, written.grant->request_id);
  EXPECT_EQ(slot.subject(), written.subject());
  EXPECT_EQ(slot.kind(), written.kind());
  EXPECT_EQ(slot.granted_at(), written.granted_at());
  EXPECT_EQ(slot.expires_at, written.expires_at);
  EXPECT_EQ(slot.released_at, std::nullopt);
  EXPECT_EQ(slot.last_news_at, written.last_news_at);
  EXPECT_THAT(contents.learned, ElementsAre(Pair("account {\"", changes.learned[0].second)));

  LedgerChanges ended = changes;
  ended.limits.clear();
  ended.learned.clear();
  ended.risen = {"account {\""};
  ended.first_line = 2;
  ended.slots[0].last_news_at = written.granted_at() + absl::Seconds(9);
  ended.slots[0].call_id = "call";
  ended.slots[0].expires_at = absl::InfiniteFuture();
  ended.slots[0].released_at = written.granted_at() + absl::Seconds(1);
  ended.slots[0].reason = ReleaseReason::kCallEnded;
  ASSERT_TRUE(second.Commit(ended, {}).ok());
  second.StepDown();
  const auto won_again = second.Stand();
  ASSERT_THAT(won_again->won->slots.slots(), SizeIs(1));
  const auto& [next_line, again] = won_again->won->slots.slots().begin()->second;
  EXPECT_EQ(next_line, 2);
  EXPECT_THAT(won_again->won->learned, IsEmpty());
  EXPECT_EQ(again.last_news_at, ended.slots[0].last_news_at);
  EXPECT_EQ(again.call_id, "call");
  EXPECT_EQ(again.expires_at, absl::InfiniteFuture());
  EXPECT_EQ(again.released_at, ended.slots[0].released_at);
  EXPECT_EQ(again.reason, ReleaseReason::kCallEnded);
}

TEST_F(PostgresJournalTest, SqlSeesEachSlotAsItsLastLineTells) {
  PostgresJournal journal = Replica("one");
  ASSERT_TRUE(journal.Stand().ok());
  LedgerChanges changes = OneLine(OneSlot("tab\t, end\n, percent % %09 and a back\\slash", "\n"));
  changes.slots.push_back(OneSlot("r2"));
  ASSERT_TRUE(journal.Commit(changes, {}).ok());
  LedgerChanges later = OneLine(changes.slots[1], 3);
  const absl::Time end = changes.slots[1].granted_at() + absl::Microseconds(1'000'001);
  later.slots[0].call_id = "call";
  later.slots[0].expires_at = absl::InfiniteFuture();
  later.slots[0].released_at = end;
  later.slots[0].reason = ReleaseReason::kCallEnded;
  ASSERT_TRUE(journal.Commit(later, {}).ok());

  const auto connection = *postgres::Connection::Open(database_.UrlOf("trunkline_reader"));
  const auto rows = connection->transaction().Execute(Concat(
      "SELECT slot_id, fencing_token, business_id, request_id, kind, provider_account_id, caller_number, "
      "campaign_id, call_id, ",
      postgres::Micros("granted_at"), ", ", postgres::Micros("expires_at"), ", ", postgres::Micros("released_at"),
      ", release_reason, ", postgres::Micros("heard_at"), " FROM active_calls ORDER BY released_at NULLS FIRST"));
  ASSERT_TRUE(rows.ok()) << rows.status();
  ASSERT_EQ(rows->size(), 2);
  for (int i = 0; i < 2; ++i) {
    const Slot& slot = i == 0 ? changes.slots[0] : later.slots[0];
    EXPECT_EQ(rows->Text(i, 0), slot.slot_id());
    EXPECT_EQ(rows->Integer(i, 1), slot.fencing_token());
    EXPECT_EQ(rows->Text(i, 2), slot.subject().business_id);
    EXPECT_EQ(rows->Text(i, 3), slot.grant->request_id);
    EXPECT_EQ(rows->Integer(i, 4), static_cast<int>(slot.kind()));
    EXPECT_EQ(rows->Text(i, 5), slot.subject().provider_account_id);
    EXPECT_EQ(rows->Text(i, 6), slot.subject().caller_number);
    EXPECT_EQ(rows->Text(i, 7), slot.subject().campaign_id);
    EXPECT_EQ(rows->Text(i, 8), slot.call_id);
    EXPECT_EQ(rows->Time(i, 9), slot.granted_at());
    EXPECT_EQ(rows->Time(i, 10).value_or(absl::InfiniteFuture()), slot.expires_at);
    EXPECT_EQ(rows->Time(i, 11), slot.released_at);
    EXPECT_EQ(rows->Integer(i, 12), static_cast<int>(slot.reason));
    EXPECT_EQ(rows->Time(i, 13), slot.last_news_at);
  }
}

// The granted slots r1, r2, ... of a commit as they end.
std::vector<Slot> Ended(std::vector<Slot> slots) {
  for (Slot& slot : slots) {
    slot.End({.released_at = slot.granted_at() + absl::Seconds(5),
              .reason = ReleaseReason::kReturned,
              .last_news_at = slot.granted_at() + absl::Seconds(4)});
  }
  return slots;
}

TEST_F(PostgresJournalTest, AnEndAddsToTheWholeLineBeforeIt) {
  PostgresJournal journal = Replica("one");
  ASSERT_TRUE(journal.Stand().ok());
  LedgerChanges changes{.first_line = 1};
  // Many rows.
  for (int i = 0; i < 300; ++i) changes.slots.push_back(OneSlot(Concat("r", i)));
  ASSERT_TRUE(journal.Commit(changes, {}).ok());
  EXPECT_GT(Count("slot_journal"), 5);
  std::vector<Slot> first(changes.slots.begin(), changes.slots.begin() + 100);
  LedgerChanges ends{.first_line = 301, .ended = Ended(first)};
  ASSERT_TRUE(journal.Commit(ends, {}).ok());
  // One of them is forgotten, and its request comes again.
  ASSERT_TRUE(journal.Commit(OneLine(first[7], 401), {}).ok());
  journal.StepDown();

  EXPECT_EQ(Count("active_calls WHERE released_at IS NOT NULL"), 99);
  EXPECT_EQ(Count("active_calls WHERE released_at = granted_at + interval '5 s' AND heard_at = granted_at + "
                  "interval '4 s' AND release_reason = 2 AND caller_number = '+15550100001'"),
            99);
  EXPECT_EQ(Count("active_calls WHERE released_at IS NULL AND heard_at = granted_at + interval '2 s'"), 201);
  const auto won = journal.Stand();
  ASSERT_TRUE(won.ok()) << won.status();
  const JournaledSlots& read = won->won->slots;
  EXPECT_EQ(read.last_line(), 401);
  ASSERT_THAT(read.slots(), SizeIs(300));
  for (size_t i = 0; i < changes.slots.size(); ++i) {
    const JournaledSlot& journaled = read.slots().at(changes.slots[i].slot_id());
    EXPECT_EQ(journaled.slot.IsLive(), i >= 100 || i == 7) << i;
    EXPECT_EQ(journaled.line, i == 7 ? 401 : static_cast<int64_t>(i) + 1);
    EXPECT_EQ(journaled.slot.subject(), changes.slots[i].subject());
  }
}

TEST_F(PostgresJournalTest, WhatNoLeaderNeedsIsDeletedAndNoMore) {
  PostgresJournal journal = Replica("one");
  ASSERT_TRUE(journal.Stand().ok());
  for (int64_t line = 1; line <= 5; line += 2) {
    LedgerChanges changes = OneLine(OneSlot(Concat("r", line)), line);
    changes.slots.push_back(OneSlot(Concat("r", line + 1)));
    changes.needed_from = line;  // it ends all before it
    if (line == 5) changes.needed_from = 4;
    ASSERT_TRUE(journal.Commit(changes, {}).ok());
  }
  EXPECT_EQ(Count("active_calls"), 4) << "a row goes when all of its lines can";
  clock_.Advance(absl::Seconds(2));
  ASSERT_TRUE(journal.Commit({.first_line = 7, .needed_from = 7}, {}).ok()) << "with a sign of life";
  EXPECT_EQ(Count("slot_journal"), 0);
}

TEST_F(PostgresJournalTest, ALineThatCannotBeReadStopsTheElection) {
  ASSERT_TRUE((*postgres::Connection::Open(database_.url()))
                  ->transaction()
                  .ExecuteScript("INSERT INTO slot_journal (last_line, lines) VALUES (1, 'half a line')")
                  .ok());
  EXPECT_EQ(Replica("one").Stand().status().code(), absl::StatusCode::kInternal);
}

TEST_F(PostgresJournalTest, OneLeadsAndTheOtherKnowsItsAddress) {
  PostgresJournal first = Replica("first:1");
  PostgresJournal second = Replica("second:2");
  ASSERT_TRUE(first.Stand()->won.has_value());
  const auto election = second.Stand();
  ASSERT_TRUE(election.ok()) << election.status();
  EXPECT_FALSE(election->won.has_value());
  EXPECT_EQ(election->leader, "first:1");
  first.StepDown();
  EXPECT_TRUE(second.Stand()->won.has_value());
}

TEST_F(PostgresJournalTest, AnOldEpochCannotCommitAnything) {
  PostgresJournal old = Replica("old");
  ASSERT_TRUE(old.Stand()->won.has_value());
  // Another took over while the old leader's session lives: only the epoch is left to stop it.
  ASSERT_TRUE((*postgres::Connection::Open(database_.url()))
                  ->transaction()
                  .ExecuteScript("UPDATE governor_leadership SET epoch = epoch + 1")
                  .ok());
  LedgerChanges changes = OneLine(OneSlot("r1"));
  changes.limits = {{{Level::kGlobal, ""}, {}}};
  changes.learned = {{"account", {.calls = 1, .since = clock_.Now()}}};
  EXPECT_EQ(old.Commit(changes, {{0, 1}}).code(), absl::StatusCode::kFailedPrecondition);
  clock_.Advance(absl::Seconds(2));  // with a sign of life
  EXPECT_EQ(old.Commit(changes, {{0, 1}}).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Count("active_calls"), 0);
  EXPECT_EQ(Count("call_limits"), 0);
  EXPECT_EQ(Count("governor_positions"), 0);
  EXPECT_EQ(Count("learned_ceilings"), 0);
}

TEST_F(PostgresJournalTest, ALeaderWithoutASignOfLifeIsReplaced) {
  PostgresJournal frozen = Replica("frozen");
  ASSERT_TRUE(frozen.Stand()->won.has_value());
  PostgresJournal next = Replica("next", /*silence=*/absl::ZeroDuration());
  // The session ends a moment after it was told to.
  absl::StatusOr<Election> election;
  for (int i = 0; i < 1'000 && (!election.ok() || !election->won.has_value()); ++i) election = next.Stand();
  ASSERT_TRUE(election.ok() && election->won.has_value());
  EXPECT_FALSE(frozen.Commit(OneLine(OneSlot("r1")), {}).ok());
  EXPECT_EQ(Count("active_calls"), 0);
  EXPECT_TRUE(next.Commit(OneLine(OneSlot("r2")), {}).ok());
}

}  // namespace
}  // namespace trunkline::governor
