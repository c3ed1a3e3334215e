#include "services/call-tracking-sync/consistency/call_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>

#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/tracking/call_events.h"

namespace trunkline::tracking_sync {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using tracking::Told;
using tracking::TrackedCall;

constexpr char kAccount[] = "0190b2c3-0000-7000-8000-000000000001";
const absl::Time kNow = absl::FromUnixSeconds(1'772'460'000);

TrackedCall SomeCall() {
  TrackedCall call;
  call.external_id = "3b7c1d52";
  call.caller = Told<std::string>::Of("+12025550143");
  call.tracking_number = Told<std::string>::Of("+18885550164");
  call.destination = Told<std::string>::Of("sip:agent@pbx.example");
  call.direction = Told<calls::v1::CallDirection>::Of(calls::v1::CALL_DIRECTION_INBOUND);
  call.campaign_id = Told<std::string>::Of("CA9911");
  call.publisher_id = Told<std::string>::Of("pub-77");
  call.buyer_id = Told<std::string>::Of("30417");
  call.status = calls::v1::CALL_STATUS_COMPLETED;
  call.started_at = Told<absl::Time>::Of(kNow - absl::Hours(30));
  call.answered_at = Told<absl::Time>::Of(kNow - absl::Hours(30) + absl::Seconds(27));
  call.ended_at = Told<absl::Time>::Of(kNow - absl::Hours(30) + absl::Seconds(214));
  call.duration_seconds = Told<int64_t>::Of(214);
  call.talk_seconds = Told<int64_t>::Of(187);
  call.recording_url = Told<std::string>::Of("https://recordings.example/1");
  call.revenue = Told<int64_t>::Of(325'000);
  call.payout = Told<int64_t>::Of(250'000);
  call.cost = Told<int64_t>::Of(3'400);
  call.converted = Told<bool>::Of(true);
  call.updated_at = Told<absl::Time>::Of(kNow - absl::Hours(29));
  call.deleted_at = Told<absl::Time>::None();
  call.tags = Told<tracking::Tags>::Of({{"geo", "919,us,us-nc"}, {"status", "success"}});
  return call;
}

// As it is here once its record went the whole way.
TrackedCall Here(const TrackedCall& call) {
  calls::v1::CallState state;
  const tracking::CallPlace place = {.platform = "mock", .account_id = kAccount};
  for (const auto& event : tracking::EventsOfRecord(place, call, {.requested_at = kNow - absl::Hours(1)})) {
    telephony::MergeEvent(event, &state);
  }
  return TrackedCallOf(telephony::Project(state));
}

std::vector<std::string> FieldsThatDiffer(const TrackedCall& platform, const TrackedCall& ours,
                                          const ComparisonOptions& options = {}) {
  std::vector<std::string> fields;
  const Comparison comparison = CompareCalls(platform, ours, options, kNow);
  for (const auto& difference : comparison.differences) fields.push_back(difference.field());
  return fields;
}

TEST(CallComparisonTest, ACallThatWentTheWholeWayIsEqual) {
  EXPECT_THAT(FieldsThatDiffer(SomeCall(), Here(SomeCall())), IsEmpty());
  TrackedCall bare;
  bare.external_id = "1";
  bare.status = calls::v1::CALL_STATUS_MISSED;
  bare.started_at = Told<absl::Time>::Of(kNow - absl::Hours(30));
  bare.ended_at = Told<absl::Time>::Of(kNow - absl::Hours(30));
  tracking::Complete(&bare);
  for (auto* text : {&bare.caller, &bare.tracking_number, &bare.destination, &bare.campaign_id, &bare.buyer_id}) {
    *text = Told<std::string>::None();
  }
  bare.answered_at = Told<absl::Time>::None();
  for (auto* amount : {&bare.revenue, &bare.payout, &bare.cost}) *amount = Told<int64_t>::None();
  EXPECT_THAT(FieldsThatDiffer(bare, Here(bare)), IsEmpty());
}

// Each field, changed by more than is let pass, and by as much as is let pass.
struct Change {
  std::string field;
  std::function<void(TrackedCall*)> beyond;
  std::function<void(TrackedCall*)> within;
};

void Add(Told<absl::Time>* time, absl::Duration by) { time->value = **time + by; }
void Add(Told<int64_t>* number, int64_t by) { number->value = **number + by; }

std::vector<Change> Changes() {
  return {
      {"status", [](TrackedCall* call) { call->status = calls::v1::CALL_STATUS_NO_ANSWER; }, nullptr},
      {"caller_number", [](TrackedCall* call) { call->caller.value = "+12025550144"; }, nullptr},
      {"tracking_number", [](TrackedCall* call) { call->tracking_number.value.reset(); }, nullptr},
      {"destination_number", [](TrackedCall* call) { call->destination.value = "sip:Agent@pbx.example"; },
       [](TrackedCall* call) { call->destination.value = "sip:agent@PBX.Example"; }},
      {"started_at", [](TrackedCall* call) { Add(&call->started_at, absl::Milliseconds(-2001)); },
       [](TrackedCall* call) { Add(&call->started_at, absl::Seconds(-2)); }},
      {"answered_at", [](TrackedCall* call) { Add(&call->answered_at, absl::Milliseconds(5001)); },
       [](TrackedCall* call) { Add(&call->answered_at, absl::Seconds(5)); }},
      {"ended_at", [](TrackedCall* call) { Add(&call->ended_at, absl::Milliseconds(2001)); },
       [](TrackedCall* call) { Add(&call->ended_at, absl::Seconds(2)); }},
      {"duration_seconds", [](TrackedCall* call) { Add(&call->duration_seconds, 3); },
       [](TrackedCall* call) { Add(&call->duration_seconds, -2); }},
      {"talk_seconds", [](TrackedCall* call) { Add(&call->talk_seconds, -3); },
       [](TrackedCall* call) { Add(&call->talk_seconds, 2); }},
      {"campaign_id", [](TrackedCall* call) { call->campaign_id.value = "ca9911"; }, nullptr},
      {"publisher_id", [](TrackedCall* call) { call->publisher_id.value = "pub-78"; }, nullptr},
      {"buyer_id", [](TrackedCall* call) { call->buyer_id.value.reset(); }, nullptr},
      {"revenue", [](TrackedCall* call) { Add(&call->revenue, -101); },
       [](TrackedCall* call) { Add(&call->revenue, 100); }},
      {"payout", [](TrackedCall* call) { call->payout.value.reset(); },
       [](TrackedCall* call) { Add(&call->payout, -100); }},
      {"cost", [](TrackedCall* call) { Add(&call->cost, 101); }, [](TrackedCall* call) { Add(&call->cost, 100); }},
      {"converted", [](TrackedCall* call) { call->converted.value = false; }, nullptr},
      {"currency", [](TrackedCall* call) { call->currency = "EUR"; }, nullptr},
      {"recording", [](TrackedCall* call) { call->recording_url.value.reset(); },
       [](TrackedCall* call) { call->recording_url.value = "https://recordings.example/1?signature=2"; }},
      {"tags.geo", [](TrackedCall* call) { (*call->tags.value)["geo"] = "us,919,us-nc"; },
       [](TrackedCall* call) { call->tags.value->erase("status"); }},
      {"tags.new", [](TrackedCall* call) { (*call->tags.value)["new"] = "1"; }, nullptr},
      {"deleted_at", [](TrackedCall* call) { call->deleted_at.value = kNow - absl::Hours(29); }, nullptr},
      {"version", [](TrackedCall* call) { Add(&call->updated_at, absl::Milliseconds(1)); },
       [](TrackedCall* call) { Add(&call->updated_at, absl::Hours(-1)); }},
  };
}

TEST(CallComparisonTest, BeyondTheToleranceExactlyThatFieldIsNamedAndWithinItNone) {
  for (const Change& change : Changes()) {
    TrackedCall platform = SomeCall();
    change.beyond(&platform);
    EXPECT_THAT(FieldsThatDiffer(platform, Here(SomeCall())), ElementsAre(change.field));
    if (change.within == nullptr) continue;
    platform = SomeCall();
    change.within(&platform);
    EXPECT_THAT(FieldsThatDiffer(platform, Here(SomeCall())), IsEmpty()) << change.field;
  }
}

// Any number of changes at once: what is named is what was changed beyond the tolerance, in the order of the fields.
TEST(CallComparisonTest, OfManyChangesExactlyThoseBeyondTheToleranceAreNamed) {
  std::mt19937 random(20260302);
  for (int round = 0; round < 2'000; ++round) {
    TrackedCall platform = SomeCall();
    std::multiset<std::string> changed;
    for (const Change& change : Changes()) {
      // A version that is older than ours comes with no other claim on what is ours.
      switch (random() % 4) {
        case 0:
          change.beyond(&platform);
          changed.insert(change.field);
          break;
        case 1:
          if (change.within != nullptr) change.within(&platform);
          break;
        default:
          break;
      }
    }
    const std::vector<std::string> named = FieldsThatDiffer(platform, Here(SomeCall()));
    EXPECT_EQ(std::multiset<std::string>(named.begin(), named.end()), changed) << "round " << round;
  }
}

TEST(CallComparisonTest, WhatThePlatformDoesNotTellIsNotCompared) {
  TrackedCall platform = SomeCall();
  platform.buyer_id = {};
  platform.cost = {};
  platform.recording_url = {};
  platform.tags = {};
  platform.updated_at = {};
  platform.answered_at = {};
  EXPECT_THAT(FieldsThatDiffer(platform, Here(SomeCall())), IsEmpty());
}

TEST(CallComparisonTest, AnUnknownAmountIsZero) {
  TrackedCall platform = SomeCall();
  platform.payout = Told<int64_t>::None();
  TrackedCall ours = SomeCall();
  ours.payout = Told<int64_t>::Of(0);
  EXPECT_THAT(FieldsThatDiffer(platform, ours), IsEmpty());
}

TEST(CallComparisonTest, PlatformsHaveRulesOfTheirOwn) {
  TrackedCall platform = SomeCall();
  platform.campaign_id.value = "ca9911";
  (*platform.tags.value)["geo"] = "us-nc, us,919";
  Add(&platform.answered_at, absl::Seconds(10));
  EXPECT_THAT(FieldsThatDiffer(platform, Here(SomeCall())), ElementsAre("answered_at", "campaign_id", "tags.geo"));
  const ComparisonOptions options = {
      .rules = {.answered_at = absl::Seconds(10), .ids_ignore_case = true, .tags_are_sets = true}};
  EXPECT_THAT(FieldsThatDiffer(platform, Here(SomeCall()), options), IsEmpty());
}

TEST(CallComparisonTest, LiveCallsAndThoseOfAMomentAgoAreLeftAlone) {
  const auto is_too_early = [](const std::function<void(TrackedCall*)>& change) {
    TrackedCall platform = SomeCall();
    platform.buyer_id.value = "another";
    change(&platform);
    const Comparison comparison = CompareCalls(platform, Here(SomeCall()), {}, kNow);
    EXPECT_EQ(comparison.is_too_early, comparison.differences.empty());
    return comparison.is_too_early;
  };
  EXPECT_TRUE(is_too_early([](TrackedCall* call) { call->status = calls::v1::CALL_STATUS_ANSWERED; }));
  EXPECT_TRUE(is_too_early([](TrackedCall* call) { call->ended_at.value = kNow - absl::Seconds(599); }));
  EXPECT_TRUE(is_too_early([](TrackedCall* call) { call->updated_at.value = kNow - absl::Seconds(599); }));
  EXPECT_FALSE(is_too_early([](TrackedCall* call) { call->updated_at.value = kNow - absl::Seconds(600); }));
}

TEST(CallComparisonTest, ACallThatEndedThereAndGoesOnHereDiffers) {
  TrackedCall live = SomeCall();
  live.status = calls::v1::CALL_STATUS_ANSWERED;
  live.ended_at = Told<absl::Time>::None();
  EXPECT_THAT(FieldsThatDiffer(SomeCall(), Here(live)), testing::Contains("status"));
}

TEST(CallComparisonTest, MoneyMayChangeForAWhileAfterTheEnd) {
  TrackedCall platform = SomeCall();
  Add(&platform.revenue, 10'000);
  platform.converted.value = false;
  EXPECT_THAT(FieldsThatDiffer(platform, Here(SomeCall()), {.money_grace = absl::Hours(31)}), IsEmpty());
  EXPECT_THAT(FieldsThatDiffer(platform, Here(SomeCall()), {.money_grace = absl::Hours(29)}),
              ElementsAre("revenue", "converted"));
}

TEST(CallComparisonTest, RecordingsComeLate) {
  TrackedCall with = SomeCall();
  TrackedCall without = SomeCall();
  without.recording_url.value.reset();
  const auto ended = [&](absl::Duration ago) {
    for (TrackedCall* call : {&with, &without}) call->ended_at.value = kNow - ago;
  };
  ended(absl::Minutes(59));
  EXPECT_THAT(FieldsThatDiffer(with, without), IsEmpty());
  ended(absl::Minutes(61));
  EXPECT_THAT(FieldsThatDiffer(with, without), ElementsAre("recording"));
  // What was there is kept for a day.
  ended(absl::Hours(23));
  EXPECT_THAT(FieldsThatDiffer(without, with), IsEmpty());
  ended(absl::Hours(25));
  EXPECT_THAT(FieldsThatDiffer(without, with), ElementsAre("recording"));
}

TEST(CallComparisonTest, ADifferenceTellsBothValuesAndWhatWouldHavePassed) {
  TrackedCall platform = SomeCall();
  Add(&platform.revenue, 75'000);
  const auto differences = CompareCalls(platform, Here(SomeCall()), {}, kNow).differences;
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0].platform(), "40.0000");
  EXPECT_EQ(differences[0].ours(), "32.5000");
  EXPECT_EQ(differences[0].tolerance(), "0.0100");
}

TEST(CallComparisonTest, ARecordMayContradictItself) {
  EXPECT_THAT(ContradictionsOf(SomeCall()), IsEmpty());
  TrackedCall call = SomeCall();
  call.answered_at.value = *call.started_at - absl::Seconds(6);
  call.talk_seconds.value = 215;
  EXPECT_THAT(ContradictionsOf(call),
              ElementsAre(testing::HasSubstr("answered_at is"), "talk_seconds is 215, and duration_seconds is 214"));
  call = SomeCall();
  call.answered_at = Told<absl::Time>::None();
  call.ended_at = Told<absl::Time>::None();
  EXPECT_THAT(ContradictionsOf(call), ElementsAre("status is completed, and ended_at is not there",
                                                  "status is completed, and answered_at is not there"));
}

}  // namespace
}  // namespace trunkline::tracking_sync
