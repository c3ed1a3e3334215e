#include "libs/tracking/tracking_error.h"

#include <gtest/gtest.h>

#include "google/rpc/error_details.pb.h"
#include "libs/base/status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking {
namespace {

constexpr double kMiddle = 0.5;                                // no jitter
const absl::Time kNow = absl::FromUnixSeconds(1'772'460'645);  // 14:10:45 UTC

absl::Duration Delay(const v1::TrackingError& error, int attempt, const RetryPolicy& policy = {}) {
  return RetryDelay(error, attempt, kNow, kMiddle, policy).value_or(absl::InfiniteDuration());
}

TEST(TrackingErrorTest, EveryCodeIsEitherWorthAnotherTryOrNot) {
  const std::set<std::string> retryable = {"unknown_column",  "rate_limited", "server_error", "maintenance",
                                           "timeout",         "network",      "bad_response", "partial_result",
                                           "cursor_rejected", "cursor_loop"};
  for (int i = 1; i < v1::TrackingErrorCode_ARRAYSIZE; ++i) {
    const auto code = static_cast<v1::TrackingErrorCode>(i);
    EXPECT_EQ(IsRetryable(code), retryable.contains(NameOf(code))) << NameOf(code);
  }
}

TEST(TrackingErrorTest, TravelsInTheStatus) {
  v1::TrackingError error = MakeError("ringba", v1::TRACKING_ERROR_CODE_RATE_LIMITED, "slow down");
  error.set_request_id("TR1");
  error.mutable_retry_after()->set_seconds(15);
  const absl::Status status = StatusOf(error);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "ringba: rate_limited: slow down");
  EXPECT_EQ(RetryAfterOf(status), absl::Seconds(15));
  EXPECT_EQ(TrackingErrorOf(status)->request_id(), "TR1");
  EXPECT_EQ(CodeOf(absl::UnavailableError("another")), v1::TRACKING_ERROR_CODE_UNSPECIFIED);
}

TEST(TrackingErrorTest, WhatAPlatformLacksIsUnimplementedWithItsName) {
  const absl::Status status = Unsupported("ringba", v1::FEATURE_UPDATE_CONVERSION);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(status.message(), "ringba has no update conversion");
  EXPECT_EQ(CodeOf(status), v1::TRACKING_ERROR_CODE_UNSUPPORTED);
  google::rpc::ErrorInfo info;
  ASSERT_TRUE(info.ParseFromString(std::string(*status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo"))));
  EXPECT_EQ(info.metadata().at("platform"), "ringba");
  EXPECT_EQ(info.metadata().at("feature"), "FEATURE_UPDATE_CONVERSION");
}

TEST(RetryDelayTest, DoublesUpToTheLastAttempt) {
  const v1::TrackingError error = MakeError("x", v1::TRACKING_ERROR_CODE_SERVER_ERROR, "");
  EXPECT_EQ(Delay(error, 1), absl::Seconds(1));
  EXPECT_EQ(Delay(error, 2), absl::Seconds(2));
  EXPECT_EQ(Delay(error, 3), absl::Seconds(4));
  EXPECT_EQ(Delay(error, 4), absl::InfiniteDuration());
  EXPECT_EQ(Delay(error, 20, {.attempts = 30}), absl::Seconds(60));
}

TEST(RetryDelayTest, IsSpread) {
  const v1::TrackingError error = MakeError("x", v1::TRACKING_ERROR_CODE_NETWORK, "");
  EXPECT_EQ(RetryDelay(error, 1, kNow, 0, {}), absl::Milliseconds(800));
  EXPECT_EQ(RetryDelay(error, 1, kNow, 1, {}), absl::Milliseconds(1200));
}

TEST(RetryDelayTest, RateLimitsHaveLongerSteps) {
  const v1::TrackingError error = MakeError("x", v1::TRACKING_ERROR_CODE_RATE_LIMITED, "");
  const RetryPolicy policy{.rate_limit_steps = {absl::Seconds(5), absl::Seconds(10), absl::Seconds(20),
                                                absl::Seconds(40), absl::Seconds(60)}};
  EXPECT_EQ(Delay(error, 1, policy), absl::Seconds(5));
  EXPECT_EQ(Delay(error, 5, policy), absl::Seconds(60));
  EXPECT_EQ(Delay(error, 6, policy), absl::InfiniteDuration());
}

TEST(RetryDelayTest, AnAllowanceThatIsUsedUpIsWaitedFor) {
  v1::TrackingError error = MakeError("ringba", v1::TRACKING_ERROR_CODE_RATE_LIMITED, "");
  error.set_exceeded(v1::RATE_LIMIT_UNIT_SECOND);
  EXPECT_EQ(Delay(error, 1), absl::Milliseconds(1500));
  error.set_exceeded(v1::RATE_LIMIT_UNIT_MINUTE);
  EXPECT_EQ(RetryDelay(error, 1, kNow, 0, {}), absl::Seconds(15));
  EXPECT_EQ(RetryDelay(error, 1, kNow, 1, {}), absl::Seconds(20));
  error.set_exceeded(v1::RATE_LIMIT_UNIT_HOUR);
  EXPECT_EQ(RetryDelay(error, 1, kNow, 0, {}), absl::Minutes(49) + absl::Seconds(15));
  error.set_exceeded(v1::RATE_LIMIT_UNIT_DAY);
  EXPECT_EQ(RetryDelay(error, 1, kNow, 0, {}), absl::Hours(9) + absl::Minutes(49) + absl::Seconds(15));
}

TEST(RetryDelayTest, RetryAfterCountsWhereItIsLonger) {
  v1::TrackingError error = MakeError("x", v1::TRACKING_ERROR_CODE_MAINTENANCE, "");
  error.mutable_retry_after()->set_seconds(15);
  EXPECT_EQ(Delay(error, 1), absl::Seconds(15));
  error.mutable_retry_after()->set_seconds(100'000);
  EXPECT_EQ(Delay(error, 1), absl::Minutes(15));
  error.mutable_retry_after()->set_seconds(0);
  EXPECT_EQ(Delay(error, 1), absl::Seconds(1));
}

TEST(RetryDelayTest, SomeErrorsHaveFewerTries) {
  EXPECT_EQ(Delay(MakeError("x", v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN, ""), 1), absl::ZeroDuration());
  EXPECT_EQ(Delay(MakeError("x", v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN, ""), 2), absl::InfiniteDuration());
  EXPECT_EQ(Delay(MakeError("x", v1::TRACKING_ERROR_CODE_BAD_RESPONSE, ""), 2), absl::Seconds(2));
  EXPECT_EQ(Delay(MakeError("x", v1::TRACKING_ERROR_CODE_BAD_RESPONSE, ""), 3), absl::InfiniteDuration());
  EXPECT_EQ(Delay(MakeError("x", v1::TRACKING_ERROR_CODE_AUTH_INVALID, ""), 1), absl::InfiniteDuration());
}

TEST(RetryAfterTest, IsSecondsOrADate) {
  const absl::Time server = absl::FromUnixSeconds(1'772'460'000);  // 14:00:00
  EXPECT_EQ(ReadRetryAfter("15", server), absl::Seconds(15));
  EXPECT_EQ(ReadRetryAfter("Mon, 02 Mar 2026 14:01:00 GMT", server), absl::Minutes(1));
  EXPECT_EQ(ReadRetryAfter("Mon, 02 Mar 2026 13:00:00 GMT", server), absl::ZeroDuration());
  for (const char* text : {"", "-1", "soon", "1.5"}) EXPECT_EQ(ReadRetryAfter(text, server), std::nullopt) << text;
}

}  // namespace
}  // namespace trunkline::tracking
