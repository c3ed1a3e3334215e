#include "services/concurrency-governor/journal/postgres_journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/base/ids.h"
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
  static LedgerChanges OneSlot(const std::string& request) {
    const absl::Time now = absl::FromUnixMicros(1'800'000'000'123'456);
    return {.slots = {{.slot_id = SlotIdOf(kJournaledBusiness, request),
                       .fencing_token = 5,
                       .request_id = request,
                       .subject = {kJournaledBusiness, "account", "+15550100001", "\"spring\" {1}"},
                       .kind = SlotKind::kPriority,
                       .granted_at = now,
                       .expires_at = now + absl::Seconds(30),
                       .last_news_at = now + absl::Seconds(2),
                       .is_new = true}}};
  }
  int64_t Count(const std::string& table) {
    return (*postgres::Connection::Open(database_.url()))
        ->transaction()
        .Execute("SELECT count(*) FROM " + table)
        ->Integer(0, 0);
  }

  testing_support::TestDatabase database_{/*migrated=*/true};
  ManualClock clock_{absl::FromUnixSeconds(1'800'000'000)};
};

TEST_F(PostgresJournalTest, ANewLeaderReadsWhatTheOneBeforeHasCommitted) {
  LedgerChanges changes = OneSlot("r1");
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
  ASSERT_THAT(contents.slots, SizeIs(1));
  const Slot& slot = contents.slots[0];
  const Slot& written = changes.slots[0];
  EXPECT_EQ(slot.slot_id, written.slot_id);
  EXPECT_EQ(slot.fencing_token, written.fencing_token);
  EXPECT_EQ(slot.request_id, written.request_id);
  EXPECT_EQ(slot.subject, written.subject);
  EXPECT_EQ(slot.kind, written.kind);
  EXPECT_EQ(slot.granted_at, written.granted_at);
  EXPECT_EQ(slot.expires_at, written.expires_at);
  EXPECT_EQ(slot.released_at, std::nullopt);
  EXPECT_EQ(slot.last_news_at, written.last_news_at);
  EXPECT_THAT(contents.learned, ElementsAre(Pair("account {\"", changes.learned[0].second)));

  LedgerChanges ended = changes;
  ended.limits.clear();
  ended.learned.clear();
  ended.risen = {"account {\""};
  ended.slots[0].is_new = false;
  ended.slots[0].last_news_at = written.granted_at + absl::Seconds(9);
  ended.slots[0].call_id = "call";
  ended.slots[0].expires_at = absl::InfiniteFuture();
  ended.slots[0].released_at = written.granted_at + absl::Seconds(1);
  ended.slots[0].reason = ReleaseReason::kCallEnded;
  ASSERT_TRUE(second.Commit(ended, {}).ok());
  second.StepDown();
  const auto won_again = second.Stand();
  const Slot again = won_again->won->slots.at(0);
  EXPECT_THAT(won_again->won->learned, IsEmpty());
  EXPECT_EQ(again.last_news_at, ended.slots[0].last_news_at);
  EXPECT_EQ(again.call_id, "call");
  EXPECT_EQ(again.expires_at, absl::InfiniteFuture());
  EXPECT_EQ(again.released_at, ended.slots[0].released_at);
  EXPECT_EQ(again.reason, ReleaseReason::kCallEnded);
  ASSERT_TRUE(second.Commit({.forgotten = {slot.slot_id}}, {}).ok());
  EXPECT_EQ(Count("active_calls"), 0);
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
  LedgerChanges changes = OneSlot("r1");
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
  EXPECT_FALSE(frozen.Commit(OneSlot("r1"), {}).ok());
  EXPECT_EQ(Count("active_calls"), 0);
  EXPECT_TRUE(next.Commit(OneSlot("r2"), {}).ok());
}

}  // namespace
}  // namespace trunkline::governor
