#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/concurrency-governor/ledger/slot_ledger_fixture.h"

namespace trunkline::governor {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using Outcome = Decision::Outcome;

class SlotLedgerTest : public SlotLedgerFixture {};

TEST_F(SlotLedgerTest, GrantsUpToTheLimitAndNamesEveryLevelThatIsFull) {
  Limit(AccountKey("a"), {.concurrency = 3});
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Ask(ticket, "b", "a");
  EXPECT_THAT(Granted(), ElementsAre(1, 2, 3));
  Ask(4, "b", "a");
  const auto decisions = Advance();
  ASSERT_THAT(decisions, SizeIs(1));
  EXPECT_EQ(decisions[0].outcome, Outcome::kRefused);
  ASSERT_THAT(decisions[0].shut, SizeIs(2));
  EXPECT_EQ(decisions[0].shut[0].key, BusinessKey("b"));
  EXPECT_EQ(decisions[0].shut[1].key, AccountKey("a"));
  EXPECT_GT(decisions[0].retry_after, absl::ZeroDuration());
}

TEST_F(SlotLedgerTest, WhoAsksAboutAnIdleBusinessIsToldItsCeiling) {
  const auto uses = ledger_.book().Uses(now_, "idle");
  ASSERT_THAT(uses, SizeIs(2));
  EXPECT_EQ(uses[1].key, BusinessKey("idle"));
  EXPECT_EQ(uses[1].in_use, 0);
  EXPECT_EQ(uses[1].ceiling, 3);
}

TEST_F(SlotLedgerTest, TheSameRequestHasOneSlotHoweverOftenItComes) {
  Ask(1, "b");
  ledger_.Acquire(2, {.request_id = "r1", .subject = {.business_id = "b"}}, now_, now_);
  const auto decisions = Advance();
  ASSERT_THAT(decisions, SizeIs(2));
  EXPECT_EQ(decisions[0].slot.slot_id(), decisions[1].slot.slot_id());
  ledger_.Acquire(3, {.request_id = "r1", .subject = {.business_id = "b"}}, now_, now_);
  ledger_.Acquire(4, {.request_id = "r1", .subject = {.business_id = "b", .campaign_id = "other"}}, now_, now_);
  const auto again = Advance();
  ASSERT_THAT(again, SizeIs(2));
  EXPECT_EQ(again[0].slot.slot_id(), decisions[0].slot.slot_id());
  EXPECT_EQ(again[1].outcome, Outcome::kReused);
  EXPECT_EQ(ledger_.live(), 1U);
  Release("b", 1);
  ledger_.Acquire(5, {.request_id = "r1", .subject = {.business_id = "b"}}, now_, now_);
  EXPECT_EQ(Advance()[0].outcome, Outcome::kEnded) << "a slot that was given back is not granted again";
}

TEST_F(SlotLedgerTest, TokensGrowOverEpochs) {
  Ask(1, "b");
  Ask(2, "b");
  const auto decisions = Advance();
  EXPECT_LT(decisions[0].slot.fencing_token(), decisions[1].slot.fencing_token());
  SlotLedger next({}, /*epoch=*/8);
  next.Acquire(1, {.request_id = "x", .subject = {.business_id = "b"}}, now_, now_);
  next.Advance(now_);
  EXPECT_GT(next.TakeDecisions()[0].slot.fencing_token(), decisions[1].slot.fencing_token());
}

TEST_F(SlotLedgerTest, AnEndedSlotIsRememberedAndThenForgotten) {
  Ask(1, "b");
  Advance();
  Release("b", 1);
  ASSERT_TRUE(ledger_.Release(By("b", 1), ReleaseReason::kReturned, now_).ok()) << "again";
  ledger_.TakeChanges();
  Advance(absl::Minutes(10));
  const LedgerChanges later = ledger_.TakeChanges();
  EXPECT_TRUE(later.empty()) << "nothing is written for that";
  EXPECT_EQ(later.needed_from, later.first_line) << "its lines are not needed any more";
  EXPECT_FALSE(ledger_.Release(By("b", 1), ReleaseReason::kReturned, now_).ok());
}

TEST_F(SlotLedgerTest, ALongCallIsWrittenAgainSoThatTheJournalStaysShort) {
  Ask(1, "b");
  Advance();
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "call", {}, now_).ok());
  JournaledSlots journal;
  int64_t longest = 0;
  for (Ticket ticket = 2; ticket < 5'000; ++ticket) {
    Ask(ticket, "b");
    Advance(absl::Seconds(3));
    Release("b", ticket);
    const LedgerChanges changes = ledger_.TakeChanges();
    journal.Read(changes);
    journal.Forget(changes.needed_from);
    longest = std::max(longest, journal.last_line() - changes.needed_from);
  }
  // 200 slots are remembered.
  EXPECT_LT(longest, 2'000);
  SlotLedger next({.levels = {.global_calls = 4, .business_calls = 3}}, /*epoch=*/8);
  next.Restore({}, journal, {});
  EXPECT_THAT(next.LiveSlots(), ElementsAre(testing::Field(&Slot::call_id, "call")));
  next.Acquire(9'000, {.request_id = "r9000", .subject = {.business_id = "b"}}, now_, now_);
  next.Advance(now_);
  EXPECT_GT(next.TakeChanges().first_line, journal.last_line()) << "a new leader goes on after the last line";
}

TEST_F(SlotLedgerTest, SilentCallsAreAskedAboutAndNotGivenUp) {
  Ask(1, "b");
  Advance();
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "call", {}, now_).ok());
  EXPECT_THAT(ledger_.SilentCalls(now_ + absl::Minutes(9)), IsEmpty());
  now_ += absl::Minutes(10);
  EXPECT_THAT(ledger_.SilentCalls(now_), SizeIs(1));
  ledger_.NoteInquiry("call", CallLife::kAlive, now_);
  EXPECT_THAT(ledger_.SilentCalls(now_), IsEmpty());
  now_ += absl::Hours(3);
  ledger_.NoteInquiry("call", CallLife::kUnknown, now_);
  EXPECT_EQ(ledger_.live(), 1U);
  now_ += absl::Hours(1);
  ledger_.TakeChanges();
  ledger_.NoteInquiry("call", CallLife::kUnknown, now_);
  EXPECT_EQ(ledger_.live(), 0U);
  EXPECT_EQ(ledger_.TakeChanges().ended.at(0).reason, ReleaseReason::kLifetimeOver);
}

TEST_F(SlotLedgerTest, InboundCallsAreCountedAndOutboundOnesMakeRoom) {
  for (int i = 0; i < 5; ++i) {
    ledger_.NoteCall({.call_id = Concat("in", i), .subject = {.business_id = "b"}, .inbound = true, .at = now_}, now_);
  }
  EXPECT_EQ(ledger_.live(), 5U) << "they are there, whatever the limit says";
  Ask(1, "c", "", absl::Seconds(5));
  EXPECT_THAT(Granted(), IsEmpty());
  for (int i = 0; i < 2; ++i) {
    ledger_.NoteCall({.call_id = Concat("in", i), .subject = {.business_id = "b"}, .inbound = true, .ended = true},
                     now_);
  }
  EXPECT_THAT(Granted(), ElementsAre(1));
  // An event that comes late begins nothing anew.
  ledger_.NoteCall({.call_id = "in0", .subject = {.business_id = "b"}, .inbound = true, .at = now_}, now_);
  EXPECT_EQ(ledger_.live(), 4U);
}

TEST_F(SlotLedgerTest, AShareIsKeptFreeForInboundAndForPriority) {
  Limit(GlobalKey(), {.concurrency = 4, .kept_for_inbound = 1, .kept_for_priority = 1});
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Ask(ticket, "b");
  EXPECT_THAT(Granted(), ElementsAre(1, 2));
  Ask(4, "b", "", absl::ZeroDuration(), SlotKind::kPriority);
  EXPECT_THAT(Granted(), ElementsAre(4));
  Ask(5, "c", "", absl::ZeroDuration(), SlotKind::kPriority);
  EXPECT_THAT(Granted(), IsEmpty());
  ledger_.NoteCall({.call_id = "in", .subject = {.business_id = "c"}, .inbound = true, .at = now_}, now_);
  EXPECT_EQ(ledger_.live(), 4U);
}

TEST_F(SlotLedgerTest, AGuaranteeIsThereHoweverMuchOthersWant) {
  Limit(BusinessKey("small"), {.concurrency = 2, .guaranteed = 2});
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Ask(ticket, "big");
  EXPECT_THAT(Granted(), ElementsAre(1, 2));
  Ask(4, "small");
  Ask(5, "small");
  EXPECT_THAT(Granted(), ElementsAre(4, 5));
  const absl::Status refused = ledger_.SetLimits({{BusinessKey("other"), {.guaranteed = 3}}}, {});
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument) << "2 + 3 > 4";
}

TEST_F(SlotLedgerTest, BurstTakesOnlyWhatNobodyElseWants) {
  Limit(BusinessKey("burst"), {.concurrency = 1, .burst = 4});
  for (Ticket ticket = 1; ticket <= 4; ++ticket) Ask(ticket, "burst", "", absl::Seconds(9));
  for (Ticket ticket = 11; ticket <= 12; ++ticket) Ask(ticket, "other", "", absl::Seconds(9));
  EXPECT_THAT(Granted(), testing::UnorderedElementsAre(1, 2, 11, 12));
}

TEST_F(SlotLedgerTest, RatesHoldInEveryWindow) {
  Limit(AccountKey("a"), {.rates = {.per_second = 2, .spacing = absl::Milliseconds(100)}});
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Ask(ticket, "b", "a", absl::Seconds(9));
  EXPECT_THAT(Granted(), ElementsAre(1));
  EXPECT_EQ(ledger_.NextWake(), now_ + absl::Milliseconds(100));
  EXPECT_THAT(Granted(absl::Milliseconds(100)), ElementsAre(2));
  EXPECT_THAT(Granted(absl::Milliseconds(100)), IsEmpty());
  EXPECT_EQ(ledger_.NextWake(), now_ + absl::Milliseconds(800));
  EXPECT_THAT(Granted(absl::Milliseconds(800)), ElementsAre(3));
}

TEST_F(SlotLedgerTest, ALoweredLimitDrainsAndARaisedOneCountsAtOnce) {
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Ask(ticket, "b");
  Advance();
  Limit(BusinessKey("b"), {.concurrency = 1});
  Ask(4, "b", "", absl::Seconds(9));
  Release("b", 1);
  Release("b", 2);
  EXPECT_THAT(Granted(), IsEmpty());
  Limit(BusinessKey("b"), {.concurrency = 2});
  EXPECT_THAT(Granted(), ElementsAre(4));
}

TEST_F(SlotLedgerTest, RefusalsLowerAnAccountsCeilingWhichComesBack) {
  Limit(GlobalKey(), {.concurrency = 20});
  Limit(BusinessKey("b"), {.concurrency = 20});
  Limit(AccountKey("a"), {.concurrency = 10});
  for (Ticket ticket = 1; ticket <= 8; ++ticket) Ask(ticket, "b", "a");
  EXPECT_THAT(Granted(), SizeIs(8));
  EXPECT_EQ(ledger_.NoteRefusal("a", now_), 4);
  EXPECT_EQ(ledger_.NoteRefusal("a", now_), 4) << "one burst of refusals counts once";
  for (Ticket ticket = 1; ticket <= 4; ++ticket) Release("b", ticket);
  Ask(11, "b", "a", absl::Seconds(60));
  EXPECT_THAT(Granted(), IsEmpty());
  EXPECT_EQ(ledger_.NextWake(), now_ + absl::Seconds(10));
  EXPECT_THAT(Granted(absl::Seconds(10)), ElementsAre(11));
  Advance(absl::Minutes(2));
  for (Ticket ticket = 21; ticket <= 32; ++ticket) Ask(ticket, "b", "a");
  EXPECT_THAT(Granted(), SizeIs(10)) << "the configured ceiling again";
}

TEST_F(SlotLedgerTest, ARequestThatIsHeldUpByItsAccountKeepsNobodyWaiting) {
  Limit(AccountKey("full"), {.concurrency = 1});
  Ask(1, "b", "full");
  Ask(2, "b", "full", absl::Seconds(5));
  Ask(3, "b", "free", absl::Seconds(5));
  EXPECT_THAT(Granted(), ElementsAre(1, 3));
  EXPECT_EQ(Advance(absl::Seconds(5)).at(0).outcome, Outcome::kRefused);
}

TEST_F(SlotLedgerTest, ARequestForTwoFullLevelsIsPassedOnlySoOften) {
  constexpr uint64_t kMostPassed = 5;
  SlotLedger ledger({.levels = {.global_calls = 10, .business_calls = 10}, .most_passed = kMostPassed}, /*epoch=*/7);
  ASSERT_TRUE(
      ledger.SetLimits({{AccountKey("a"), {.concurrency = 1}}, {{Level::kCampaign, "c"}, {.concurrency = 1}}}, {})
          .ok());
  Ticket tickets = 0;
  const auto ask = [&](const std::string& account, const std::string& campaign) {
    const std::string request = Concat("r", ++tickets);
    const Subject subject{.business_id = "b", .provider_account_id = account, .campaign_id = campaign};
    ledger.Acquire(tickets, {.request_id = request, .subject = subject}, now_ + absl::Minutes(1), now_);
    ledger.Advance(now_);
    return tickets;
  };
  ask("a", "");
  ask("", "c");
  const Ticket patient = ask("a", "c");
  ledger.TakeDecisions();
  // Never are both levels free at once, as each is wished for again before the other becomes free.
  Ticket holders[] = {1, 2};
  uint64_t passed = 0;
  for (int i = 0; i < 50; ++i) {
    const Ticket next = i % 2 == 0 ? ask("a", "") : ask("", "c");
    ASSERT_TRUE(ledger.Release(By("b", holders[i % 2]), ReleaseReason::kReturned, now_).ok());
    ledger.Advance(now_);
    for (const Decision& decision : ledger.TakeDecisions()) {
      ASSERT_EQ(decision.outcome, Outcome::kGranted);
      if (decision.ticket == patient) {
        EXPECT_LE(passed, kMostPassed);
        return;
      }
      ++passed;
      holders[i % 2] = decision.ticket;
      ASSERT_EQ(decision.ticket, next);
    }
  }
  FAIL() << "it was passed " << passed << " times";
}

TEST_F(SlotLedgerTest, ALearnedCeilingGoesOnWithTheNextLeaderAndIsForgottenWhenItHasRisen) {
  const std::vector<std::pair<LevelKey, Limits>> limits = {{AccountKey("a"), {.concurrency = 4}}};
  ASSERT_TRUE(ledger_.SetLimits(limits, {}).ok());
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Ask(ticket, "b", "a");
  EXPECT_THAT(Granted(), SizeIs(3));
  for (Ticket ticket = 1; ticket <= 2; ++ticket) Release("b", ticket);
  ledger_.TakeChanges();
  EXPECT_EQ(ledger_.NoteRefusal("a", now_), 1);
  const LedgerChanges changes = ledger_.TakeChanges();
  ASSERT_THAT(changes.learned, SizeIs(1));

  SlotLedger next({}, /*epoch=*/8);
  next.Restore(limits, {}, changes.learned);
  now_ += absl::Seconds(10);
  EXPECT_EQ(next.Explain({.business_id = "b", .provider_account_id = "a"}, SlotKind::kOrdinary, now_).back().limit, 2);
  next.Advance(now_);
  EXPECT_TRUE(next.TakeChanges().empty());
  now_ += absl::Seconds(20);
  next.Advance(now_);
  EXPECT_THAT(next.TakeChanges().risen, ElementsAre("a"));
}

TEST_F(SlotLedgerTest, NewsOfACallReachTheJournalNowAndThen) {
  Ask(1, "b");
  Advance();
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "call", {}, now_).ok());
  ledger_.TakeChanges();
  const auto hear = [&](absl::Duration later) {
    now_ += later;
    ledger_.NoteCall({.call_id = "call", .subject = {.business_id = "b"}, .at = now_}, now_);
    return ledger_.TakeChanges();
  };
  EXPECT_TRUE(hear(absl::Minutes(2)).empty()) << "not every event writes a row";
  const LedgerChanges told = hear(absl::Seconds(30));
  ASSERT_THAT(told.slots, SizeIs(1));
  EXPECT_EQ(told.slots[0].last_news_at, now_);

  SlotLedger next({}, /*epoch=*/8);
  next.Restore({}, Journaled(told), {});
  EXPECT_THAT(next.SilentCalls(now_ + absl::Minutes(9)), IsEmpty()) << "a call that began long ago is not asked about";
  EXPECT_THAT(next.SilentCalls(now_ + absl::Minutes(10)), SizeIs(1));
}

TEST_F(SlotLedgerTest, PriorityComesBeforeOthersOfItsBusiness) {
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Ask(ticket, "b");
  Advance();
  Ask(4, "b", "", absl::Seconds(9));
  Ask(5, "b", "", absl::Seconds(9), SlotKind::kPriority);
  Release("b", 1);
  EXPECT_THAT(Granted(), ElementsAre(5));
}

TEST_F(SlotLedgerTest, TheClockMayGoBack) {
  Ask(1, "b");
  Advance();
  now_ -= absl::Hours(1);
  Ask(2, "b");
  EXPECT_THAT(Granted(), ElementsAre(2));
  EXPECT_EQ(ledger_.live(), 2U);
}

TEST_F(SlotLedgerTest, WhatWasRestoredCountsForLimitsAndRates) {
  const std::vector<std::pair<LevelKey, Limits>> limits = {
      {AccountKey("a"), {.concurrency = 3, .rates = {.per_hour = 3}}}};
  ASSERT_TRUE(ledger_.SetLimits(limits, {}).ok());
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Ask(ticket, "b", "a");
  Advance();
  for (Ticket ticket = 1; ticket <= 3; ++ticket) Release("b", ticket);
  Advance(absl::Minutes(30));
  const LedgerChanges changes = ledger_.TakeChanges();
  ASSERT_EQ(changes.needed_from, changes.first_line) << "they still count for the hour";
  SlotLedger next({}, /*epoch=*/8);
  next.Restore(limits, Journaled(changes), {});
  next.Acquire(9, {.request_id = "r9", .subject = {.business_id = "b", .provider_account_id = "a"}}, now_, now_);
  next.Advance(now_);
  const auto decisions = next.TakeDecisions();
  ASSERT_EQ(decisions.at(0).outcome, Outcome::kRefused);
  EXPECT_EQ(decisions.at(0).shut.at(0).rule, GateRule::kPerHour);
  EXPECT_EQ(decisions.at(0).retry_after, absl::Minutes(30));
}

}  // namespace
}  // namespace trunkline::governor
