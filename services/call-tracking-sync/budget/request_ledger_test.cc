#include "services/call-tracking-sync/budget/request_ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace trunkline::tracking_sync {
namespace {

constexpr absl::Duration kMargin = absl::Milliseconds(250);
const absl::Time kStart = absl::FromUnixSeconds(1'772'460'000);

// The most requests that reach the platform in any window of this length.
int64_t MostInWindow(std::vector<absl::Time> arrivals, absl::Duration length) {
  std::sort(arrivals.begin(), arrivals.end());
  int64_t most = 0;
  for (size_t first = 0, last = 0; last < arrivals.size(); ++last) {
    while (arrivals[last] - arrivals[first] >= length) ++first;
    most = std::max<int64_t>(most, static_cast<int64_t>(last - first) + 1);
  }
  return most;
}

class AnySequence : public testing::TestWithParam<int> {};

TEST_P(AnySequence, NeverOverfillsAWindowAtThePlatform) {
  std::mt19937_64 chance(static_cast<uint64_t>(GetParam()));
  const auto upto = [&](int64_t most) { return static_cast<int64_t>(chance() % static_cast<uint64_t>(most + 1)); };
  tracking::RequestLimits limits{.per_second = static_cast<int>(1 + upto(4)),
                                 .per_minute = static_cast<int>(20 + upto(60))};
  if (upto(1) == 1) limits.per_hour = static_cast<int>(200 + upto(400));
  if (upto(1) == 1) limits.per_day = static_cast<int>(500 + upto(3000));

  RequestLedger ledger(limits, kMargin);
  std::vector<std::pair<absl::Time, Priority>> journal;
  std::vector<absl::Time> arrivals;
  std::vector<absl::Time> backfill;
  absl::Time now = kStart;
  for (int i = 0; i < 4000; ++i) {
    const auto priority = static_cast<Priority>(upto(5));
    const absl::Time earliest = ledger.EarliestAt(now, priority, upto(9) == 0 ? 0.5 : 1);
    ASSERT_GE(earliest, now);
    if (earliest - now > absl::Hours(30)) FAIL() << "nothing fits any more";
    now = earliest + absl::Milliseconds(upto(3) == 0 ? upto(20'000) : 0);
    ledger.Add(now, priority);
    journal.emplace_back(now, priority);
    arrivals.push_back(now + absl::Milliseconds(upto(250)));
    if (priority == Priority::kBackfill) backfill.push_back(arrivals.back());
    if (upto(200) == 0) {
      // The owner dies; the next one reads the journal.
      ledger = RequestLedger(limits, kMargin);
      for (const auto& [sent_at, what] : journal) ledger.Add(sent_at, what);
    }
  }
  EXPECT_LE(MostInWindow(arrivals, absl::Seconds(1)), limits.per_second);
  EXPECT_LE(MostInWindow(arrivals, absl::Minutes(1)), limits.per_minute);
  const auto or_any = [](int limit) { return limit > 0 ? limit : 1'000'000; };
  EXPECT_LE(MostInWindow(arrivals, absl::Hours(1)), or_any(limits.per_hour));
  EXPECT_LE(MostInWindow(arrivals, absl::Hours(24)), or_any(limits.per_day));
  EXPECT_LE(MostInWindow(backfill, absl::Minutes(1)), limits.per_minute / 2);
}
INSTANTIATE_TEST_SUITE_P(RequestLedger, AnySequence, testing::Range(1, 21));

TEST(RequestLedgerTest, WhatIsLeftOfADayIsKeptForWhatMattersMore) {
  RequestLedger ledger({.per_day = 100}, kMargin);
  for (int i = 0; i < 50; ++i) ledger.Add(kStart + absl::Minutes(i), Priority::kIncremental);
  const absl::Time now = kStart + absl::Hours(1);
  EXPECT_EQ(ledger.Left(now, Priority::kIncremental), 50);
  EXPECT_EQ(ledger.Left(now, Priority::kRescan), 25);
  EXPECT_EQ(ledger.Left(now, Priority::kBackfill), 0);
  EXPECT_GT(ledger.EarliestAt(now, Priority::kBackfill), now + absl::Hours(22));
  EXPECT_EQ(ledger.EarliestAt(now, Priority::kRescan), now);
  for (int i = 0; i < 25; ++i) ledger.Add(now, Priority::kRescan);
  EXPECT_GT(ledger.EarliestAt(now, Priority::kRescan), now);
  EXPECT_EQ(ledger.EarliestAt(now, Priority::kIncremental), now);
}

TEST(RequestLedgerTest, ASlowPaceSpreadsRequests) {
  RequestLedger ledger({.per_second = 2}, kMargin);
  ledger.Add(kStart, Priority::kIncremental);
  EXPECT_EQ(ledger.EarliestAt(kStart, Priority::kIncremental), kStart);
  EXPECT_EQ(ledger.EarliestAt(kStart, Priority::kIncremental, 0.25), kStart + absl::Seconds(2));
  EXPECT_EQ(ledger.EarliestAt(kStart, Priority::kIncremental, 0.001), kStart + absl::Seconds(10))
      << "not below one in ten seconds";
}

TEST(RequestLedgerTest, WithoutLimitsNothingWaits) {
  RequestLedger ledger({}, kMargin);
  for (int i = 0; i < 1000; ++i) ledger.Add(kStart, Priority::kBackfill);
  EXPECT_EQ(ledger.EarliestAt(kStart, Priority::kBackfill), kStart);
  EXPECT_EQ(ledger.Left(kStart, Priority::kBackfill), std::nullopt);
}

}  // namespace
}  // namespace trunkline::tracking_sync
