#include "services/gateway/accounts/rate_limit.h"

#include <atomic>
#include <thread>

#include "libs/base/text.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using postgres::Result;
using postgres::Transaction;

const RateLimit kThreeASecond = {.name = "calls_per_second", .window = absl::Seconds(1), .most = 3};
const RateLimit kFiveAMinute = {.name = "calls_per_minute", .window = absl::Minutes(1), .most = 5};

class RateLimitTest : public GatewayFixture {
 protected:
  // What is missing until the next may pass; nothing when this one passed.
  std::optional<RateRefusal> Take(const std::vector<RateLimit>& limits, std::optional<absl::Time> at) {
    const auto refusal =
        pool_.InBusiness(kOurs, [&](Transaction& tx) { return TakeRate(tx, our_account_, kOurs, limits, at); });
    EXPECT_TRUE(refusal.ok()) << refusal.status();
    return refusal.value_or(std::nullopt);
  }
  bool Passes(const std::vector<RateLimit>& limits, absl::Duration after) {
    return !Take(limits, clock_.Now() + after).has_value();
  }
  void Limit(int per_second, int per_minute) {
    accounts::v1::UpdateProviderAccountRequest request;
    request.mutable_account()->set_provider_account_id(our_account_);
    request.mutable_account()->mutable_call_rates()->set_per_second(per_second);
    request.mutable_account()->mutable_call_rates()->set_per_minute(per_minute);
    request.mutable_update_mask()->add_paths("call_rates");
    const auto updated = account_commands_.Update(CallerOf(kOurs), request);
    ASSERT_TRUE(updated.ok()) << updated.status();
  }
};

TEST_F(RateLimitTest, AnyWindowHoldsExactlyWhatIsAllowed) {
  EXPECT_TRUE(Passes({kThreeASecond}, absl::ZeroDuration()));
  EXPECT_TRUE(Passes({kThreeASecond}, absl::Milliseconds(600)));
  EXPECT_TRUE(Passes({kThreeASecond}, absl::Milliseconds(700)));
  const auto refusal = Take({kThreeASecond}, clock_.Now() + absl::Microseconds(999'999));
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->wait, absl::Microseconds(1));
  EXPECT_EQ(refusal->limit.name, "calls_per_second");
  EXPECT_TRUE(Passes({kThreeASecond}, absl::Seconds(1)));
  // The window slides: the two of the first second's end still count.
  EXPECT_FALSE(Passes({kThreeASecond}, absl::Microseconds(1'599'999)));
  EXPECT_TRUE(Passes({kThreeASecond}, absl::Milliseconds(1'600)));
  EXPECT_FALSE(Passes({kThreeASecond}, absl::Microseconds(1'699'999)));
}

TEST_F(RateLimitTest, OfSeveralLimitsTheOneThatFreesLastIsNamed) {
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Passes({kThreeASecond, kFiveAMinute}, absl::Milliseconds(500 * i)));
  const auto refusal = Take({kThreeASecond, kFiveAMinute}, clock_.Now() + absl::Milliseconds(2'100));
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->limit.name, "calls_per_minute");
  EXPECT_EQ(refusal->wait, absl::Milliseconds(57'900));
  EXPECT_TRUE(Passes({kThreeASecond, kFiveAMinute}, absl::Minutes(1)));
}

TEST_F(RateLimitTest, TimeDoesNotRunBackwards) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Passes({kThreeASecond}, absl::Seconds(10)));
  EXPECT_FALSE(Passes({kThreeASecond}, absl::ZeroDuration()));
  EXPECT_TRUE(Passes({kThreeASecond}, absl::Seconds(11)));
}

TEST_F(RateLimitTest, WhatNoWindowHoldsIsForgotten) {
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(Passes({kThreeASecond}, absl::Milliseconds(400 * i)));
  EXPECT_LE(Count("SELECT count(*) FROM rate_takes"), 4);
}

TEST_F(RateLimitTest, ManyAtOnceNeverExceedAnyWindow) {
  constexpr int kMost = 20;
  constexpr int kWanted = 70;
  // The long one keeps every take for the look at the end.
  const std::vector<RateLimit> limits = {{.name = "calls_per_second", .window = absl::Seconds(1), .most = kMost},
                                         {.name = "calls_per_hour", .window = absl::Hours(1), .most = 1'000'000}};
  std::atomic<int> taken = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        while (taken < kWanted) {
          const auto refusal = Take(limits, std::nullopt);
          if (!refusal.has_value()) ++taken;
        }
      });
    }
  }
  EXPECT_EQ(Count("SELECT count(*) FROM rate_takes"), taken);
  EXPECT_EQ(Count(Concat("SELECT count(*) FROM rate_takes a JOIN rate_takes b ON b.number = a.number + ", kMost,
                         " WHERE b.at < a.at + interval '1 second'")),
            0);
  // And no more is held back than must be.
  EXPECT_LE(Count("SELECT extract(epoch FROM max(at) - min(at))::bigint FROM rate_takes"), kWanted / kMost + 3);
}

TEST_F(RateLimitTest, OfManyCallsAtOnceAsManyAreDialledAsTheAccountMay) {
  Limit(0, 5);
  std::atomic<int> placed = 0;
  std::atomic<int> refused = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 20; ++i) {
      threads.emplace_back([&] {
        const auto call = Place(Request());
        if (call.ok()) {
          ++placed;
          return;
        }
        ++refused;
        EXPECT_EQ(call.status().code(), absl::StatusCode::kResourceExhausted);
        EXPECT_EQ(ReasonOf(call.status()), Reason::REASON_RATE_LIMITED);
        EXPECT_GT(RetryAfterOf(call.status()), absl::Seconds(40));
        EXPECT_TRUE(call.status().GetPayload("type.googleapis.com/google.rpc.QuotaFailure").has_value());
        EXPECT_THAT(std::string(call.status().message()), ::testing::HasSubstr("calls_per_minute is 5"));
      });
    }
  }
  EXPECT_EQ(placed, 5);
  EXPECT_EQ(refused, 15);
  EXPECT_THAT(client_.placed(), ::testing::SizeIs(5));
  EXPECT_EQ(Count("SELECT count(*) FROM dial_intents"), 5);
  EXPECT_EQ(Count("SELECT count(*) FROM call_requests"), 5);
}

TEST_F(RateLimitTest, ARequestThatComesAgainCountsOnce) {
  Limit(0, 2);
  const auto request = Request();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(Place(request).ok());
  EXPECT_TRUE(Place(Request()).ok());
  const auto refused = Request();
  EXPECT_EQ(ReasonOf(Place(refused).status()), Reason::REASON_RATE_LIMITED);
  // A refused request was never there: the same id may come again.
  Limit(0, 3);
  EXPECT_TRUE(Place(refused).ok());
}

TEST_F(RateLimitTest, AccountsDoNotShareTheirRates) {
  Limit(1, 1);
  EXPECT_TRUE(Place(Request()).ok());
  EXPECT_FALSE(Place(Request()).ok());
  EXPECT_TRUE(pipeline_.Initiate(CallerOf(kTheirs), Request()).ok());
  Limit(0, 0);
  EXPECT_TRUE(Place(Request()).ok());
}

}  // namespace
}  // namespace trunkline::gateway
