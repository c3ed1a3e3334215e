#include "services/gateway/accounts/key_limits.h"

#include <atomic>
#include <thread>

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;

using control::v1::Call;

constexpr char kApiKey[] = "0190b2c3-0000-7000-8000-0000000000aa";

class KeyLimitsTest : public GatewayFixture {
 protected:
  KeyLimitsTest() {
    Run(Concat("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ('", kApiKey, "', '", kOurs,
               "', 'test', sha256('x'))"));
  }
  // Columns and values of api_key_limits.
  void Limit(const std::string& columns, const std::string& values) {
    Run("DELETE FROM api_key_limits");
    Run(Concat("INSERT INTO api_key_limits (api_key_id, business_id, ", columns, ") VALUES ('", kApiKey, "', '", kOurs,
               "', ", values, ")"));
    directory_.Invalidate();
  }
  absl::StatusOr<Call> PlaceWithKey(const control::v1::InitiateCallRequest& request) {
    return pipeline_.Initiate({.business_id = kOurs, .actor = "test", .api_key_id = kApiKey}, request);
  }
  absl::Status PlaceWithKey() { return PlaceWithKey(Request()).status(); }
  // The call is over, and cost so much; nothing: its cost is not told.
  void EndWithCost(const Call& call, std::optional<int64_t> micros, const std::string& currency = "USD",
                   bool answered = true) {
    Normalize({Webhook(call, call.record().details().external_call_id(), calls::v1::CALL_STATUS_COMPLETED)});
    Run(Concat("UPDATE call_history SET cost_micros = ", micros.has_value() ? Concat(*micros) : "NULL",
               ", cost_currency = ", micros.has_value() ? Concat("'", currency, "'") : "NULL",
               ", ended_at = '2026-01-01', answered_at = ", answered ? "'2026-01-01'" : "NULL", " WHERE call_id = '",
               call.record().call_id(), "'"));
  }
  void Settle(absl::Time now) {
    SpendingSettler settler(worker_pool_);
    const auto more = settler.Settle(now);
    EXPECT_TRUE(more.ok()) << more.status();
    EXPECT_FALSE(more.value_or(true));
  }
  int64_t Spent() { return Count("SELECT coalesce(sum(spent_micros), 0)::bigint FROM api_key_spending"); }
  int64_t Open() { return Count("SELECT count(*) FROM api_key_open_calls"); }
};

TEST_F(KeyLimitsTest, OfManyCallsAtOnceAsManyPassAsTheKeyMay) {
  Limit("calls_per_hour", "4");
  std::atomic<int> placed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] {
        const absl::Status status = PlaceWithKey();
        if (status.ok()) {
          ++placed;
          return;
        }
        EXPECT_EQ(ReasonOf(status), Reason::REASON_RATE_LIMITED);
        EXPECT_THAT(std::string(status.message()), HasSubstr("calls_per_hour is 4"));
        EXPECT_GT(RetryAfterOf(status), absl::Minutes(58));
      });
    }
  }
  EXPECT_EQ(placed, 4);
  EXPECT_EQ(Count("SELECT count(*) FROM dial_intents"), 4);
  // Another key of the business, and one without limits.
  EXPECT_TRUE(Place(Request()).ok());
}

TEST_F(KeyLimitsTest, ARepeatedRequestCountsOnceAndNamesItsKey) {
  Limit("calls_per_day", "2");
  const auto request = Request();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(PlaceWithKey(request).ok());
  EXPECT_TRUE(PlaceWithKey().ok());
  EXPECT_FALSE(PlaceWithKey().ok());
  EXPECT_EQ(Count(Concat("SELECT count(*) FROM call_requests WHERE api_key_id = '", kApiKey, "'")), 2);
}

TEST_F(KeyLimitsTest, ARefusalByTheAccountIsNotCountedForTheKey) {
  Limit("calls_per_minute", "2");
  Run("UPDATE telephony_providers SET calls_per_minute = 1");
  directory_.Invalidate();
  EXPECT_TRUE(PlaceWithKey().ok());
  for (int i = 0; i < 5; ++i) EXPECT_THAT(std::string(PlaceWithKey().message()), HasSubstr("provider_account:"));
  Run("UPDATE telephony_providers SET calls_per_minute = NULL");
  directory_.Invalidate();
  EXPECT_TRUE(PlaceWithKey().ok());
  EXPECT_THAT(std::string(PlaceWithKey().message()), HasSubstr("api_key:"));
}

TEST_F(KeyLimitsTest, ReservesKeepManyCallsAtOnceUnderTheCap) {
  Limit("spend_per_day_micros, reserve_micros, currency", "1000000, 300000, 'USD'");
  std::atomic<int> placed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 12; ++i) {
      threads.emplace_back([&] {
        const absl::Status status = PlaceWithKey();
        if (status.ok()) {
          ++placed;
          return;
        }
        EXPECT_EQ(ReasonOf(status), Reason::REASON_SPENDING_CAP_REACHED);
        EXPECT_THAT(std::string(status.message()), HasSubstr("spend_per_day is 1.00 USD"));
        EXPECT_TRUE(status.GetPayload("type.googleapis.com/google.rpc.QuotaFailure").has_value());
        EXPECT_LE(RetryAfterOf(status), absl::Hours(24));
      });
    }
  }
  EXPECT_EQ(placed, 3);
}

TEST_F(KeyLimitsTest, WhatACallCostTakesThePlaceOfItsReserve) {
  Limit("spend_per_month_micros, reserve_micros, currency", "1000000, 600000, 'USD'");
  const auto first = PlaceWithKey(Request());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(ReasonOf(PlaceWithKey()), Reason::REASON_SPENDING_CAP_REACHED);
  EndWithCost(*first, 50'000);
  Settle(absl::Now());
  EXPECT_EQ(Spent(), 50'000);
  EXPECT_EQ(Open(), 0);
  const auto second = PlaceWithKey(Request());
  ASSERT_TRUE(second.ok()) << second.status();
  EndWithCost(*second, 960'000);
  Settle(absl::Now());
  Settle(absl::Now());
  EXPECT_EQ(Spent(), 1'010'000);
  EXPECT_THAT(std::string(PlaceWithKey().message()), HasSubstr("spend_per_month is 1.00 USD"));
}

TEST_F(KeyLimitsTest, ACostThatIsNeverToldCountsAsItsReserveAfterADay) {
  Limit("spend_per_day_micros, reserve_micros, currency", "9000000, 600000, 'USD'");
  const auto call = PlaceWithKey(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EndWithCost(*call, std::nullopt);
  Settle(absl::FromCivil(absl::CivilHour(2026, 1, 1, 20), absl::UTCTimeZone()));
  EXPECT_EQ(Open(), 1);
  Settle(absl::FromCivil(absl::CivilHour(2026, 1, 2, 20), absl::UTCTimeZone()));
  EXPECT_EQ(Open(), 0);
  EXPECT_EQ(Spent(), 600'000);
}

TEST_F(KeyLimitsTest, ACallThatNobodyAnsweredIsFreeUnlessItsCostIsTold) {
  Limit("spend_per_day_micros, reserve_micros, currency", "9000000, 600000, 'USD'");
  const auto call = PlaceWithKey(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EndWithCost(*call, std::nullopt, "USD", /*answered=*/false);
  Settle(absl::UnixEpoch());
  EXPECT_EQ(Open(), 0);
  EXPECT_EQ(Spent(), 0);
}

TEST_F(KeyLimitsTest, ACostInAnotherCurrencyLeavesTheReserve) {
  Limit("spend_per_day_micros, reserve_micros, currency", "9000000, 600000, 'USD'");
  const auto call = PlaceWithKey(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EndWithCost(*call, 80'000'000, "INR");
  Settle(absl::UnixEpoch());
  EXPECT_EQ(Spent(), 600'000);
}

TEST_F(KeyLimitsTest, YesterdaysCallsDoNotCountToday) {
  Limit("spend_per_day_micros, reserve_micros, currency", "1000000, 600000, 'USD'");
  ASSERT_TRUE(PlaceWithKey().ok());
  EXPECT_FALSE(PlaceWithKey().ok());
  Run("UPDATE api_key_open_calls SET placed_at = placed_at - interval '1 day'");
  EXPECT_TRUE(PlaceWithKey().ok());
}

TEST_F(KeyLimitsTest, TwoWhoSettleCountACallOnce) {
  Limit("spend_per_day_micros, reserve_micros, currency", "9000000, 0, 'USD'");
  for (int i = 0; i < 20; ++i) {
    const auto call = PlaceWithKey(Request());
    ASSERT_TRUE(call.ok()) << call.status();
    EndWithCost(*call, 1'000);
  }
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { Settle(absl::Now()); });
  }
  EXPECT_EQ(Spent(), 20'000);
}

}  // namespace
}  // namespace trunkline::gateway
