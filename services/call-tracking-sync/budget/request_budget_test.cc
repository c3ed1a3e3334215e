#include "services/call-tracking-sync/budget/request_budget.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "services/call-tracking-sync/testing/tracking_fixture.h"

namespace trunkline::tracking_sync {
namespace {

using tracking::Resource;

class RequestBudgetTest : public TrackingFixture {
 protected:
  static ResourceLimits Limits(const tracking::RequestLimits& limits) {
    ResourceLimits all;
    all.fill(limits);
    return all;
  }
  absl::Status Ask(RequestBudget& budget, Priority priority, absl::Duration patience) {
    const Asking asking(priority, patience);
    return budget.Admit(account_, Resource::kCallList, "GET /calls");
  }
  static tracking::SentRequest Answered() {
    return {.platform = "p", .account_id = kAccount, .resource = Resource::kCallList};
  }
};

int64_t MostInWindow(const std::vector<absl::Time>& arrivals, absl::Duration length) {
  int64_t most = 0;
  for (size_t first = 0, last = 0; last < arrivals.size(); ++last) {
    while (arrivals[last] - arrivals[first] >= length) ++first;
    most = std::max<int64_t>(most, static_cast<int64_t>(last - first) + 1);
  }
  return most;
}

// At a slow pace it would never end otherwise, and begin anew again and again.
TEST_F(RequestBudgetTest, EachRequestOfAPieceOfWorkMayWaitAsLongAsTheFirst) {
  RequestBudget budget(journal_, clock_, RequestBudget::Options());
  ASSERT_TRUE(budget.Take(account_, Limits({.per_second = 1}), owner_.epoch).ok());
  const Asking asking(Priority::kIncremental, absl::Milliseconds(2500));
  for (int i = 0; i < 3; ++i) {
    const absl::Status admitted = budget.Admit(account_, Resource::kCallList, "GET /calls");
    ASSERT_TRUE(admitted.ok()) << admitted;
    budget.Tell(Answered());
  }
}

// A clock that is later whenever it is looked at, as real ones are.
class PassingClock final : public Clock {
 public:
  absl::Time Now() const override { return absl::UnixEpoch() + absl::Nanoseconds(++looks_); }

 private:
  mutable std::atomic<int64_t> looks_ = 0;
};

TEST_F(RequestBudgetTest, WhereThereIsRoomNobodyWaits) {
  const PassingClock clock;
  RequestBudget budget(journal_, clock, {});
  ASSERT_TRUE(budget.Take(account_, Limits({.per_second = 100, .in_flight = 4}), owner_.epoch).ok());
  // With no patience whoever has to wait is refused.
  const absl::Status admitted = Ask(budget, Priority::kBackfill, absl::ZeroDuration());
  EXPECT_TRUE(admitted.ok()) << admitted;
}

// Owners die without a word and freeze; each thinks that the account is its own until it writes.
TEST_F(RequestBudgetTest, NoWindowIsOverfilledHoweverOftenTheOwnerChanges) {
  const ResourceLimits limits = Limits({.per_second = 8, .per_minute = 40, .in_flight = 4});
  std::mutex mutex;
  std::vector<absl::Time> arrivals;
  std::atomic<bool> over = false;
  std::vector<std::unique_ptr<RequestBudget>> budgets;
  std::vector<std::jthread> askers;
  for (int turn = 0; turn < 3; ++turn) {
    budgets.push_back(std::make_unique<RequestBudget>(journal_, clock_, RequestBudget::Options()));
    RequestBudget& budget = *budgets.back();
    ASSERT_TRUE(budget.Take(account_, limits, Own().epoch).ok());
    // Those of earlier turns go on asking under their own epochs.
    for (int i = 0; i < 2; ++i) {
      askers.emplace_back([&] {
        while (!over) {
          if (!Ask(budget, Priority::kIncremental, absl::Milliseconds(100)).ok()) continue;
          {
            const std::lock_guard lock(mutex);
            arrivals.push_back(clock_.Now());
          }
          budget.Tell(Answered());
        }
      });
    }
    size_t wanted = 0;
    {
      const std::lock_guard lock(mutex);
      wanted = arrivals.size() + 8;
    }
    const absl::Time patience = clock_.Now() + absl::Seconds(20);
    while (clock_.Now() < patience) {
      std::this_thread::yield();
      const std::lock_guard lock(mutex);
      if (arrivals.size() >= wanted) break;
    }
  }
  over = true;
  askers.clear();
  std::sort(arrivals.begin(), arrivals.end());
  EXPECT_GE(arrivals.size(), 24u) << "else nothing was proven";
  EXPECT_LE(MostInWindow(arrivals, absl::Seconds(1)), 8);
  EXPECT_LE(MostInWindow(arrivals, absl::Minutes(1)), 40);
  EXPECT_GE(Number("SELECT count(*) FROM tracking_requests"), static_cast<int64_t>(arrivals.size()))
      << "nothing is sent that is not written down";
}

TEST_F(RequestBudgetTest, WhatIsUsedUpIsUsedUpForTheNextOwnerToo) {
  const ResourceLimits limits = Limits({.per_hour = 3, .in_flight = 10});
  RequestBudget first(journal_, clock_, {});
  ASSERT_TRUE(first.Take(account_, limits, owner_.epoch).ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Ask(first, Priority::kIncremental, absl::Seconds(5)).ok());
  RequestBudget second(journal_, clock_, {});
  ASSERT_TRUE(second.Take(account_, limits, Own().epoch).ok());
  const absl::Status refused = Ask(second, Priority::kWebhookFetch, absl::Milliseconds(10));
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_GT(RetryAfterOf(refused).value_or(absl::ZeroDuration()), absl::Minutes(50));
}

TEST_F(RequestBudgetTest, AnOwnerWhoseEpochIsOverSendsNothing) {
  RequestBudget budget(journal_, clock_, {});
  ASSERT_TRUE(budget.Take(account_, Limits({.in_flight = 4}), owner_.epoch).ok());
  Own();
  EXPECT_TRUE(absl::IsFailedPrecondition(Ask(budget, Priority::kIncremental, absl::Seconds(10))));
}

TEST_F(RequestBudgetTest, WhatMattersMostGoesFirst) {
  RequestBudget budget(journal_, clock_, {});
  ASSERT_TRUE(budget.Take(account_, Limits({.per_second = 1, .in_flight = 10}), owner_.epoch).ok());
  ASSERT_TRUE(Ask(budget, Priority::kIncremental, absl::Seconds(5)).ok());
  std::mutex mutex;
  std::vector<Priority> served;
  {
    std::vector<std::jthread> askers;
    for (const Priority priority : {Priority::kBackfill, Priority::kRescan, Priority::kWebhookFetch}) {
      askers.emplace_back([&, priority] {
        ASSERT_TRUE(Ask(budget, priority, absl::Seconds(30)).ok());
        const std::lock_guard lock(mutex);
        served.push_back(priority);
      });
    }
  }
  EXPECT_THAT(served, testing::ElementsAre(Priority::kWebhookFetch, Priority::kRescan, Priority::kBackfill));
}

TEST_F(RequestBudgetTest, APauseThatThePlatformAskedForOutlivesTheOwner) {
  const ResourceLimits limits = Limits({.in_flight = 4});
  RequestBudget first(journal_, clock_, {});
  ASSERT_TRUE(first.Take(account_, limits, owner_.epoch).ok());
  ASSERT_TRUE(Ask(first, Priority::kIncremental, absl::Seconds(10)).ok());
  tracking::SentRequest refused = Answered();
  refused.error = tracking::v1::TRACKING_ERROR_CODE_RATE_LIMITED;
  refused.retry_after = absl::Minutes(5);
  first.Tell(refused);
  RequestBudget second(journal_, clock_, {});
  ASSERT_TRUE(second.Take(account_, limits, Own().epoch).ok());
  EXPECT_GT(second.EarliestAt(kAccount, Resource::kCallList, Priority::kWebhookFetch), clock_.Now() + absl::Minutes(4));
  EXPECT_LE(second.EarliestAt(kAccount, Resource::kReport, Priority::kWebhookFetch), clock_.Now() + absl::Seconds(1));
}

}  // namespace
}  // namespace trunkline::tracking_sync
