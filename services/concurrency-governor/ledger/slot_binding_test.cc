#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/concurrency-governor/ledger/slot_ledger_fixture.h"

namespace trunkline::governor {
namespace {

using Outcome = Decision::Outcome;

class SlotBindingTest : public SlotLedgerFixture {};

TEST_F(SlotBindingTest, AReservationThatIsNotBoundExpires) {
  Ask(1, "b");
  Advance();
  EXPECT_EQ(ledger_.NextWake(), now_ + absl::Seconds(30));
  Advance(absl::Seconds(20));
  ASSERT_TRUE(ledger_.Renew(By("b", 1), now_).ok());
  Advance(absl::Seconds(29));
  EXPECT_EQ(ledger_.live(), 1U);
  ledger_.TakeChanges();
  Advance(absl::Seconds(1));
  EXPECT_EQ(ledger_.live(), 0U);
  EXPECT_EQ(ledger_.TakeChanges().ended.at(0).reason, ReleaseReason::kExpired);
  const auto bound = ledger_.Bind(By("b", 1), "call", {}, now_);
  EXPECT_EQ(ReasonOf(bound.status()), Reason::REASON_SLOT_NOT_FOUND);
}

TEST_F(SlotBindingTest, WhatElseChangedBeforeASlotEndedIsToldWithItsEnd) {
  Ask(1, "b");
  Ask(2, "b");
  Advance();
  JournaledSlots journal = Journaled(ledger_.TakeChanges());
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "call", {.provider_account_id = "a"}, now_).ok());
  Release("b", 1);
  Release("b", 2);
  const LedgerChanges changes = ledger_.TakeChanges();
  EXPECT_EQ(changes.ended.size(), 1U);
  journal.Read(changes);
  for (const auto& [slot_id, journaled] : journal.slots()) {
    EXPECT_FALSE(journaled.slot.IsLive());
    const bool is_bound = journaled.slot.grant->request_id == "r1";
    EXPECT_EQ(journaled.slot.call_id, is_bound ? "call" : "");
    EXPECT_EQ(journaled.slot.subject().provider_account_id, is_bound ? "a" : "");
  }
}

TEST_F(SlotBindingTest, AnAccountThatIsChosenLaterCountsFromTheBindingOn) {
  Limit(AccountKey("account"), {.concurrency = 1});
  Ask(1, "b");
  Ask(2, "b");
  Advance();
  const Subject chosen{.provider_account_id = "account", .caller_number = "+15550100001"};
  const auto first = ledger_.Bind(By("b", 1), "call 1", chosen, now_);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->outcome, Outcome::kGranted);
  EXPECT_EQ(first->slot.subject().provider_account_id, "account");
  EXPECT_EQ(ledger_.book().InUse(AccountKey("account")), 1);
  ASSERT_EQ(ledger_.Bind(By("b", 1), "call 1", chosen, now_)->outcome, Outcome::kGranted) << "again";
  EXPECT_EQ(ledger_.book().InUse(AccountKey("account")), 1);

  const auto second = ledger_.Bind(By("b", 2), "call 2", chosen, now_);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->outcome, Outcome::kRefused);
  ASSERT_THAT(second->shut, testing::SizeIs(1));
  EXPECT_EQ(second->shut[0].key, AccountKey("account"));
  EXPECT_GT(second->retry_after, absl::ZeroDuration());
  EXPECT_EQ(ledger_.book().InUse(AccountKey("account")), 1);
  const auto elsewhere = ledger_.Bind(By("b", 2), "call 2", {.provider_account_id = "another"}, now_);
  EXPECT_EQ(elsewhere->outcome, Outcome::kGranted) << "the slot stayed a reservation";
  EXPECT_EQ(ledger_.book().InUse(GlobalKey()), 2);

  ledger_.NoteCall({.call_id = "call 1", .subject = {.business_id = "b"}, .ended = true, .at = now_}, now_);
  EXPECT_EQ(ledger_.book().InUse(AccountKey("account")), 0);
  EXPECT_EQ(ledger_.book().InUse(GlobalKey()), 1);
}

TEST_F(SlotBindingTest, SlotsAreFoundByTheirIdsAfterTheirAccountsWereChosen) {
  constexpr Ticket kSlots = 300;
  Limit(GlobalKey(), {.concurrency = kSlots});
  Limit(BusinessKey("b"), {.concurrency = kSlots});
  std::vector<std::string> ids;
  for (Ticket ticket = 1; ticket <= kSlots; ++ticket) {
    Ask(ticket, "b");
    ids.push_back(Advance().at(0).slot.slot_id());
    const Subject chosen{.provider_account_id = Concat("account ", ticket), .caller_number = "+15550100001"};
    ASSERT_TRUE(ledger_.Bind(By("b", ticket), Concat("call ", ticket), chosen, now_).ok());
  }
  for (const std::string& id : ids) {
    const SlotReference reference{.business_id = "b", .by = SlotReference::By::kSlot, .id = id};
    ASSERT_TRUE(ledger_.Release(reference, ReleaseReason::kReturned, now_).ok()) << id;
  }
  EXPECT_EQ(ledger_.live(), 0U);
}

TEST_F(SlotBindingTest, ASlotThatWasGrantedForAnAccountKeepsIt) {
  Limit(AccountKey("account"), {.concurrency = 1});
  Ask(1, "b", "account");
  Advance();
  const auto bound = ledger_.Bind(By("b", 1), "call", {.provider_account_id = "account"}, now_);
  ASSERT_TRUE(bound.ok()) << bound.status();
  EXPECT_EQ(bound->outcome, Outcome::kGranted) << "its own place is no obstacle";
  EXPECT_EQ(ledger_.book().InUse(AccountKey("account")), 1);
}

TEST_F(SlotBindingTest, TheRatesOfAnAccountThatIsChosenLaterHoldToo) {
  Limit(AccountKey("account"), {.rates = {.per_second = 1}});
  Ask(1, "b");
  Ask(2, "b");
  Advance();
  const Subject chosen{.provider_account_id = "account"};
  EXPECT_EQ(ledger_.Bind(By("b", 1), "call 1", chosen, now_)->outcome, Outcome::kGranted);
  EXPECT_EQ(ledger_.Bind(By("b", 2), "call 2", chosen, now_)->outcome, Outcome::kRefused);
  Advance(absl::Seconds(1));
  EXPECT_EQ(ledger_.Bind(By("b", 2), "call 2", chosen, now_)->outcome, Outcome::kGranted);
}

TEST_F(SlotBindingTest, ARequestThatComesAgainAfterTheAccountWasChosenGetsItsSlot) {
  Ask(1, "b");
  const std::string slot_id = Advance().at(0).slot.slot_id();
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "call", {.provider_account_id = "account"}, now_).ok());
  Ask(1, "b");
  const std::vector<Decision> decisions = Advance();
  ASSERT_THAT(decisions, testing::SizeIs(1));
  EXPECT_EQ(decisions[0].outcome, Outcome::kGranted);
  EXPECT_EQ(decisions[0].slot.slot_id(), slot_id);
  Ask(1, "b", "another");
  EXPECT_EQ(Advance().at(0).outcome, Outcome::kReused) << "that is another wish";
}

TEST_F(SlotBindingTest, ANewLeaderKnowsTheAccountThatWasChosenLater) {
  Ask(1, "b");
  Advance();
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "call", {.provider_account_id = "account"}, now_).ok());
  SlotLedger next({}, 2);
  next.Restore({}, Journaled(ledger_.TakeChanges()), {});
  EXPECT_EQ(next.book().InUse(AccountKey("account")), 1);
}

TEST_F(SlotBindingTest, ANewLeaderLooksForCallsThatBeganJustBeforeAndWereNeverHeardOf) {
  Ask(1, "b");
  Advance();
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "old", {}, now_).ok());
  Advance(absl::Minutes(2));
  Ask(2, "b");
  Advance();
  ASSERT_TRUE(ledger_.Bind(By("b", 2), "new", {}, now_).ok());
  SlotLedger next({}, 2);
  next.Restore({}, Journaled(ledger_.TakeChanges()), {});
  EXPECT_THAT(next.UnheardCalls(now_ + absl::Seconds(119)), testing::IsEmpty());
  const std::vector<Slot> unheard = next.UnheardCalls(now_ + absl::Minutes(2));
  ASSERT_THAT(unheard, testing::SizeIs(1));
  EXPECT_EQ(unheard[0].call_id, "new");
  next.NoteCall({.call_id = "new", .subject = {.business_id = "b"}, .at = now_}, now_ + absl::Seconds(1));
  EXPECT_THAT(next.UnheardCalls(now_ + absl::Minutes(9)), testing::IsEmpty());
}

TEST_F(SlotBindingTest, ABoundSlotEndsWithItsCallAndNotBefore) {
  Ask(1, "b");
  Advance();
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "call", {}, now_).ok());
  ASSERT_TRUE(ledger_.Bind(By("b", 1), "call", {}, now_).ok()) << "again";
  EXPECT_FALSE(ledger_.Bind(By("b", 1), "another", {}, now_).ok());
  Advance(absl::Hours(1));
  EXPECT_EQ(ledger_.live(), 1U);
  ledger_.NoteCall({.call_id = "call", .subject = {.business_id = "foreign"}, .ended = true, .at = now_}, now_);
  EXPECT_EQ(ledger_.live(), 1U) << "another business's events do not count";
  ledger_.NoteCall({.call_id = "call", .subject = {.business_id = "b"}, .ended = true, .at = now_}, now_);
  EXPECT_EQ(ledger_.live(), 0U);
}

}  // namespace
}  // namespace trunkline::governor
