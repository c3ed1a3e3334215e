// Calls: read once each, whatever the paging; what is read is what is true; late changes come out right.
#include <algorithm>
#include <set>

#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/content_hash.h"
#include "libs/tracking/filter_probe.h"
#include "tests/support/tracking_samples.h"
#include "tests/tracking-conformance/platform_case.h"

namespace trunkline::tracking_conformance {
namespace {

using tracking::PlatformCall;
using tracking::Told;

class CallsTest : public TrackingConformanceTest {
 protected:
  // As the normalizer does.
  calls::v1::CallRecord Fold(const std::vector<events::v1::CallEvent>& events) {
    calls::v1::CallState state;
    std::set<std::string> seen;
    for (const auto& event : events) {
      if (seen.insert(event.event_id()).second) telephony::MergeEvent(event, &state);
    }
    return telephony::Project(state);
  }

  void ExpectTrue(const calls::v1::CallRecord& record, const TrueCall& truth) {
    EXPECT_EQ(record.details().external_call_id(), truth.id);
    EXPECT_EQ(record.status(), calls::v1::CALL_STATUS_COMPLETED);
    EXPECT_EQ(record.details().provider(), GetParam().platform);
    EXPECT_EQ(record.details().from(), truth.caller);
    EXPECT_EQ(record.details().to(), truth.number);
    EXPECT_EQ(record.details().forwarded_to(), truth.destination);
    EXPECT_EQ(record.details().revenue().micros(), truth.revenue * 100);
    EXPECT_EQ(record.details().payout().micros(), truth.payout * 100);
    EXPECT_EQ(record.details().cost().micros(), 340'000);
    EXPECT_EQ(record.details().converted(), truth.converted);
    EXPECT_EQ(telephony::FromProto(record.times().initiated_at()), truth.started_at);
    EXPECT_EQ(telephony::FromProto(record.times().answered_at()), truth.started_at + absl::Seconds(truth.wait_seconds));
    EXPECT_EQ(telephony::FromProto(record.times().ended_at()), truth.EndedAt());
    EXPECT_EQ(record.durations().total().seconds(), truth.wait_seconds + truth.talk_seconds);
    EXPECT_EQ(record.durations().talk().seconds(), truth.talk_seconds);
  }
};

TEST_P(CallsTest, EveryCallOfAListIsReadOnceHoweverItIsPaged) {
  const std::vector<TrueCall> truth = PutCalls(25);
  for (const int size : {1, 7, 10, 25, 100}) {
    std::multiset<std::string> read;
    for (const PlatformCall& call : ListAll(size)) read.insert(call.call.external_id);
    std::multiset<std::string> expected;
    for (const TrueCall& call : truth) expected.insert(call.id);
    EXPECT_EQ(read, expected) << "pages of " << size;
  }
}

TEST_P(CallsTest, AListSaysHowManyThereAreAndWhatTimeItIsThere) {
  PutCalls(7);
  const auto page = client().ListCalls(account_, Range(3), std::nullopt);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.size(), 3);
  EXPECT_EQ(page->total.has_value(), Has(tracking::v1::FEATURE_TOTAL_COUNT));
  EXPECT_EQ(page->total.value_or(7), 7);
  EXPECT_EQ(page->receipt.requests, 1);
  // The twin has our clock, in whole seconds.
  ASSERT_TRUE(page->receipt.ClockOffset().has_value());
  EXPECT_LT(absl::AbsDuration(*page->receipt.ClockOffset()), absl::Seconds(30));
}

TEST_P(CallsTest, CallsOutsideOfTheRangeStayOutside) {
  PutCalls(10);
  tracking::CallQuery query = Range();
  query.from += absl::Minutes(3);
  query.to = query.from + absl::Minutes(2);
  const auto page = client().ListCalls(account_, query, std::nullopt);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.size(), 3);
}

TEST_P(CallsTest, AFilterByStatusEndsNoList) {
  PutCalls(4);
  tracking::CallQuery query = Range(2);
  query.status = calls::v1::CALL_STATUS_BUSY;
  const auto page = client().ListCalls(account_, query, std::nullopt);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_TRUE(page->items.empty());
  EXPECT_TRUE(page->next.has_value());
}

TEST_P(CallsTest, WhatIsReadIsWhatIsTrue) {
  for (const TrueCall& truth : PutCalls(3)) {
    const auto fetched = client().FetchCall(account_, truth.id);
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    const calls::v1::CallRecord record = Fold(Map(fetched->value));
    ExpectTrue(record, truth);
    EXPECT_EQ(record.details().record_hash(), tracking::ContentHash(GetParam().platform, fetched->value.call));
  }
}

TEST_P(CallsTest, ListAndFetchReadTheSame) {
  PutCalls(3);
  for (const PlatformCall& listed : ListAll(2)) {
    const auto fetched = client().FetchCall(account_, listed.call.external_id);
    ASSERT_TRUE(fetched.ok()) << fetched.status();
    const tracking::Tags* tags = fetched->value.call.tags.has_value() ? &*fetched->value.call.tags : nullptr;
    EXPECT_EQ(tracking::ContentHash("p", listed.call, tags), tracking::ContentHash("p", fetched->value.call));
  }
}

TEST_P(CallsTest, AnUnknownCallIsNotFound) {
  const auto fetched = client().FetchCall(account_, twin_->MakeId(404));
  EXPECT_EQ(fetched.status().code(), absl::StatusCode::kNotFound) << fetched.status();
  EXPECT_EQ(tracking::CodeOf(fetched.status()), tracking::v1::TRACKING_ERROR_CODE_NOT_FOUND);
}

TEST_P(CallsTest, MoneyThatChangesLaterIsTheCallsMoneyInEveryOrder) {
  TrueCall truth = PutCalls(1)[0];
  const auto before = client().FetchCall(account_, truth.id);
  truth.revenue = 400'000;
  truth.converted = !truth.converted;
  truth.changed_at += absl::Hours(72);
  twin_->Put(truth);
  const auto after = client().FetchCall(account_, truth.id);
  ASSERT_TRUE(before.ok() && after.ok());
  const auto old_events = Map(before->value, 0);
  const auto new_events = Map(after->value, 1);
  std::vector<events::v1::CallEvent> all = old_events;
  all.insert(all.end(), new_events.begin(), new_events.end());
  ExpectTrue(Fold(all), truth);
  std::reverse(all.begin(), all.end());
  ExpectTrue(Fold(all), truth);
}

TEST_P(CallsTest, TheSameReadingIsTheSameEvents) {
  const TrueCall truth = PutCalls(1)[0];
  const auto first = client().FetchCall(account_, truth.id);
  const auto second = client().FetchCall(account_, truth.id);
  ASSERT_TRUE(first.ok() && second.ok());
  std::vector<std::string> first_ids;
  std::vector<std::string> second_ids;
  for (const auto& event : Map(first->value, 3)) first_ids.push_back(event.event_id());
  for (const auto& event : Map(second->value, 3)) second_ids.push_back(event.event_id());
  EXPECT_EQ(first_ids, second_ids);
  EXPECT_EQ(std::set<std::string>(first_ids.begin(), first_ids.end()).size(), first_ids.size());
}

TEST_P(CallsTest, AFilterThatNoDocumentNamesIsProbed) {
  NEEDS(FEATURE_LIST_BY_CHANGE);
  PutCalls(2);
  // One vendor may know it, and another may not.
  for (const bool works_there : {false, true}) {
    twin_->Control("PUT", "/behaviour", {{"updated_filter", works_there}});
    const auto works = tracking::FilterWorks(client(), account_, tracking::CallTime::kChanged,
                                             Has(tracking::v1::FEATURE_LIST_LAST_CHANGED),
                                             testing_support::TrackingTime() + absl::Hours(1));
    ASSERT_TRUE(works.ok()) << works.status();
    EXPECT_EQ(*works, works_there);
  }
}

TEST_P(CallsTest, LastChangedComesFirst) {
  NEEDS(FEATURE_LIST_LAST_CHANGED);
  std::vector<TrueCall> truth = PutCalls(5);
  truth[1].changed_at += absl::Hours(9);
  twin_->Put(truth[1]);
  const auto page = client().ListCalls(account_, {.last_changed_first = true, .size = 2}, std::nullopt);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->items.at(0).call.external_id, truth[1].id);
  EXPECT_EQ(page->items.at(1).call.external_id, truth[4].id);
}

TEST_P(CallsTest, WhatIsUpdatedIsReadBack) {
  const TrueCall truth = PutCalls(1)[0];
  tracking::CallUpdate update;
  update.tags = tracking::Tags{{"disposition", "sold"}};
  if (Has(tracking::v1::FEATURE_UPDATE_MONEY)) update.revenue = 405'000;
  if (Has(tracking::v1::FEATURE_UPDATE_CONVERSION)) update.converted = false;
  const auto outcome = client().UpdateCall(account_, truth.id, update);
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_EQ(outcome->failed, "") << outcome->status;
  ASSERT_TRUE(outcome->call.has_value());
  EXPECT_EQ(*outcome->call->call.revenue, update.revenue.value_or(truth.revenue));
  EXPECT_EQ(*outcome->call->call.converted, update.converted.value_or(truth.converted));
  const TrueCall now = twin_->Get(truth.id);
  EXPECT_EQ(now.tags.at("disposition"), "sold");
  EXPECT_EQ(now.payout, truth.payout);
}

INSTANTIATE_FOR_ALL_PLATFORMS(CallsTest);

}  // namespace
}  // namespace trunkline::tracking_conformance
