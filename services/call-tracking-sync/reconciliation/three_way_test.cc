#include "services/call-tracking-sync/reconciliation/three_way.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "libs/base/text.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;
using tracking::v1::CallDiscrepancy;
using tracking::v1::DiscrepancyKind;

constexpr char kTracking[] = "tracking-account";
constexpr char kTelephony[] = "telephony-account";
constexpr char kDestination[] = "+13125550199";
const absl::Time kDay = absl::FromUnixSeconds(1'772'409'600);

calls::v1::Money Usd(int64_t micros) {
  calls::v1::Money money;
  money.set_currency("USD");
  money.set_micros(micros);
  return money;
}

// One conversation as all three sides keep it, 40 s after the caller dialled the tracking number.
struct ThreeSides {
  ConversationSide tracked;
  ConversationSide carried;
  ConversationSide record;
};

ThreeSides Conversation(int number, absl::Time at) {
  ThreeSides told;
  told.tracked = {.call_id = Concat("tracked-", number),
                  .account_id = kTracking,
                  .external_call_id = Concat("T", number),
                  .from = Concat("+1202555", 1'000 + number),
                  .to = "+18885550164",
                  .forwarded_to = kDestination,
                  .started_at = at,
                  .ended_at = at + absl::Seconds(214),
                  .was_answered = true,
                  .talk_seconds = 170,
                  .revenue = Usd(32'500'000),
                  .payout = Usd(25'000'000),
                  .cost = Usd(340'000)};
  told.carried = {.call_id = Concat("carried-", number),
                  .account_id = kTelephony,
                  .external_call_id = Concat("C", number),
                  .from = told.tracked.from,
                  .to = kDestination,
                  .started_at = at + absl::Seconds(40),
                  .ended_at = at + absl::Seconds(214),
                  .was_answered = true,
                  .talk_seconds = 168,
                  .cost = Usd(25'500)};
  told.record = told.carried;
  told.record.call_id.clear();
  return told;
}

class ThreeWayTest : public ::testing::Test {
 protected:
  ThreeWayTest() {
    all_.business_id = "business";
    all_.asked_accounts = {kTelephony};
    all_.own_numbers = {kDestination};
    all_.tracked_numbers = {kDestination};
    all_.judged_from = kDay;
    all_.judged_before = kDay + absl::Hours(24);
  }

  void Add(const ThreeSides& told) {
    all_.tracked.push_back(told.tracked);
    all_.carried.push_back(told.carried);
    all_.provider.push_back(told.record);
  }
  // The only discrepancy that there is.
  CallDiscrepancy Only() {
    const ReconciliationOutcome outcome = Reconcile(all_, {});
    EXPECT_THAT(outcome.discrepancies, SizeIs(1));
    return outcome.discrepancies.empty() ? CallDiscrepancy() : outcome.discrepancies[0];
  }

  Conversations all_;
};

TEST_F(ThreeWayTest, RecordsThatAgreeGiveNothing) {
  for (int i = 0; i < 50; ++i) Add(Conversation(i, kDay + absl::Minutes(i)));
  const ReconciliationOutcome outcome = Reconcile(all_, {});
  EXPECT_THAT(outcome.discrepancies, IsEmpty());
  EXPECT_EQ(outcome.tracked_calls, 50);
  EXPECT_EQ(outcome.matched, 50);
}

TEST_F(ThreeWayTest, ATrackedCallThatTelephonyNeverSawPutsAllOfItsMoneyAtStake) {
  ThreeSides told = Conversation(1, kDay);
  all_.tracked.push_back(told.tracked);
  const CallDiscrepancy found = Only();
  EXPECT_EQ(found.kind(), tracking::v1::DISCREPANCY_KIND_NO_TELEPHONY_CALL);
  EXPECT_EQ(found.tracking_call_id(), "tracked-1");
  EXPECT_EQ(found.at_stake().revenue().micros(), 32'500'000);
  EXPECT_EQ(found.at_stake().payout().micros(), 25'000'000);
  EXPECT_EQ(found.at_stake().cost().micros(), 340'000);
}

TEST_F(ThreeWayTest, ACallThatWasNeverConnectedOrWentToSomebodyElseIsNotMissed) {
  ThreeSides told = Conversation(1, kDay);
  told.tracked.was_answered = false;
  all_.tracked.push_back(told.tracked);
  told = Conversation(2, kDay);
  told.tracked.forwarded_to = "+13125550000";
  all_.tracked.push_back(told.tracked);
  EXPECT_THAT(Reconcile(all_, {}).discrepancies, IsEmpty());
}

TEST_F(ThreeWayTest, TalkThatDiffersByMoreThanTheTolerancePutsTheWholeCallInQuestion) {
  ThreeSides told = Conversation(1, kDay);
  told.tracked.talk_seconds = 173;
  Add(told);
  EXPECT_THAT(Reconcile(all_, {}).discrepancies, IsEmpty());
  all_.tracked[0].talk_seconds = 174;
  const CallDiscrepancy found = Only();
  EXPECT_EQ(found.kind(), tracking::v1::DISCREPANCY_KIND_TRACKING_DIFFERS);
  ASSERT_EQ(found.values_size(), 1);
  EXPECT_EQ(found.values(0).field(), "talk_seconds");
  EXPECT_EQ(found.values(0).tracking(), "174");
  EXPECT_EQ(found.values(0).telephony(), "168");
  EXPECT_EQ(found.at_stake().payout().micros(), 25'000'000);
}

TEST_F(ThreeWayTest, ACostThatTheProviderTellsDifferentlyIsAtStakeByItsDifference) {
  ThreeSides told = Conversation(1, kDay);
  told.record.cost = Usd(34'000);
  Add(told);
  const CallDiscrepancy found = Only();
  EXPECT_EQ(found.kind(), tracking::v1::DISCREPANCY_KIND_PROVIDER_DIFFERS);
  EXPECT_EQ(found.at_stake().cost().micros(), 8'500);
  EXPECT_FALSE(found.at_stake().has_revenue());
  ASSERT_EQ(found.values_size(), 1);
  EXPECT_EQ(found.values(0).telephony(), "0.0255 USD");
  EXPECT_EQ(found.values(0).provider(), "0.034 USD");
}

TEST_F(ThreeWayTest, AProviderThatWasNotAskedMissesNothing) {
  const ThreeSides told = Conversation(1, kDay);
  all_.tracked.push_back(told.tracked);
  all_.carried.push_back(told.carried);
  all_.asked_accounts.clear();
  EXPECT_THAT(Reconcile(all_, {}).discrepancies, IsEmpty());
  all_.asked_accounts = {kTelephony};
  EXPECT_EQ(Only().kind(), tracking::v1::DISCREPANCY_KIND_NOT_AT_PROVIDER);
}

TEST_F(ThreeWayTest, FurtherTriesOfThePlatformAreNoDiscrepancies) {
  Add(Conversation(1, kDay));
  ConversationSide try_before = all_.carried[0];
  try_before.call_id = "try";
  try_before.external_call_id = "CTRY";
  try_before.started_at -= absl::Seconds(25);
  try_before.was_answered = false;
  try_before.talk_seconds.reset();
  all_.carried.push_back(try_before);
  try_before.call_id.clear();
  all_.provider.push_back(try_before);
  EXPECT_THAT(Reconcile(all_, {}).discrepancies, IsEmpty());
}

TEST_F(ThreeWayTest, WhatCannotBeToldApartIsUnclearAndClaimsNoMoney) {
  Add(Conversation(1, kDay));
  ConversationSide twice = all_.carried[0];
  twice.call_id = "twice";
  twice.external_call_id = "C2";
  twice.started_at += absl::Seconds(20);
  all_.carried.push_back(twice);
  twice.call_id.clear();
  all_.provider.push_back(twice);
  const CallDiscrepancy found = Only();
  EXPECT_EQ(found.kind(), tracking::v1::DISCREPANCY_KIND_UNCLEAR);
  EXPECT_FALSE(found.at_stake().has_revenue());
}

TEST_F(ThreeWayTest, ACallerWhoIsWithheldIsMatchedByNumberAndTime) {
  ThreeSides told = Conversation(1, kDay);
  told.tracked.from.clear();
  Add(told);
  EXPECT_EQ(Reconcile(all_, {}).matched, 1);
  // The platform may show the tracking number instead of the caller.
  told = Conversation(2, kDay + absl::Hours(1));
  told.carried.from = told.tracked.to;
  Add(told);
  EXPECT_EQ(Reconcile(all_, {}).matched, 2);
}

TEST_F(ThreeWayTest, CallsOutsideTheRangeAreMatchedAndNotJudged) {
  ThreeSides before = Conversation(1, kDay - absl::Seconds(20));
  before.tracked.talk_seconds = 500;
  before.tracked.revenue = Usd(1);
  Add(before);
  ThreeSides after = Conversation(2, kDay + absl::Hours(24));
  all_.tracked.push_back(after.tracked);
  EXPECT_THAT(Reconcile(all_, {}).discrepancies, IsEmpty());
}

TEST_F(ThreeWayTest, TheSameDiscrepancyHasTheSameId) {
  all_.tracked.push_back(Conversation(1, kDay).tracked);
  const std::string first = Only().discrepancy_id();
  all_.tracked[0].revenue = Usd(1);
  EXPECT_EQ(Only().discrepancy_id(), first);
}

// A day of conversations with differences planted at random: exactly those are found, with exactly their money.
TEST_F(ThreeWayTest, PlantedDifferencesAreFoundWithTheirMoneyAndNothingElse) {
  std::mt19937 random(20260302);
  std::map<DiscrepancyKind, int> planted;
  int64_t revenue = 0;
  int64_t payout = 0;
  int64_t cost = 0;
  for (int i = 0; i < 1'000; ++i) {
    ThreeSides told = Conversation(i, kDay + absl::Seconds(80 * i));
    told.tracked.revenue = Usd(random() % 50'000'000 + 1);
    told.tracked.payout = Usd(random() % 30'000'000 + 1);
    told.carried.cost = told.record.cost = Usd(random() % 50'000 + 1);
    const auto book = [&](const ConversationSide& side) {
      revenue += side.revenue.has_value() ? side.revenue->micros() : 0;
      payout += side.payout.has_value() ? side.payout->micros() : 0;
      cost += side.cost->micros();
    };
    switch (random() % 20) {
      case 0:
        ++planted[tracking::v1::DISCREPANCY_KIND_NO_TELEPHONY_CALL];
        book(told.tracked);
        all_.tracked.push_back(told.tracked);
        continue;
      case 1:
        ++planted[tracking::v1::DISCREPANCY_KIND_NOT_TRACKED];
        book(told.carried);
        all_.carried.push_back(told.carried);
        all_.provider.push_back(told.record);
        continue;
      case 2:
        ++planted[tracking::v1::DISCREPANCY_KIND_TRACKING_DIFFERS];
        told.tracked.talk_seconds = 20;
        book(told.tracked);
        break;
      case 3:
        ++planted[tracking::v1::DISCREPANCY_KIND_NOT_AT_PROVIDER];
        book(told.carried);
        all_.tracked.push_back(told.tracked);
        all_.carried.push_back(told.carried);
        continue;
      case 4: {
        // Neither tracked nor recorded here: only the provider has it.
        ++planted[tracking::v1::DISCREPANCY_KIND_NOT_RECORDED];
        book(told.record);
        all_.provider.push_back(told.record);
        continue;
      }
      case 5:
        ++planted[tracking::v1::DISCREPANCY_KIND_PROVIDER_DIFFERS];
        told.record.cost = Usd(told.carried.cost->micros() + 777);
        cost += 777;
        break;
      default:
        break;
    }
    Add(told);
  }
  std::map<DiscrepancyKind, int> found;
  int64_t revenue_found = 0;
  int64_t payout_found = 0;
  int64_t cost_found = 0;
  for (const CallDiscrepancy& discrepancy : Reconcile(all_, {}).discrepancies) {
    ++found[discrepancy.kind()];
    revenue_found += discrepancy.at_stake().revenue().micros();
    payout_found += discrepancy.at_stake().payout().micros();
    cost_found += discrepancy.at_stake().cost().micros();
  }
  EXPECT_EQ(found, planted);
  EXPECT_EQ(planted.size(), 6U);
  EXPECT_EQ(revenue_found, revenue);
  EXPECT_EQ(payout_found, payout);
  EXPECT_EQ(cost_found, cost);
}

}  // namespace
}  // namespace trunkline::tracking_sync
