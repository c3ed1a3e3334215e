#include "services/gateway/accounts/account_guard.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace trunkline::gateway {
namespace {

using providers::DialOutcome;

constexpr char kAccount[] = "0190b2c3-0000-7000-8000-00000000000a";
constexpr char kOther[] = "0190b2c3-0000-7000-8000-00000000000b";

DialOutcome Rejected(calls::v1::CallErrorCode code) {
  DialOutcome outcome;
  outcome.kind = DialOutcome::Kind::kRejected;
  outcome.error.set_code(code);
  return outcome;
}

class AccountGuardTest : public testing::Test {
 protected:
  void Fail(int times) {
    for (int i = 0; i < times; ++i) guard_.Note(kAccount, DialOutcome());
  }

  ManualClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  AccountGuard guard_{clock_, {.failures = 3, .rest = absl::Seconds(15)}};
};

TEST_F(AccountGuardTest, RestsAfterFailuresInARow) {
  Fail(2);
  EXPECT_TRUE(guard_.MayDial(kAccount).ok());
  Fail(1);
  const absl::Status resting = guard_.MayDial(kAccount);
  EXPECT_EQ(ReasonOf(resting), Reason::REASON_PROVIDER_ACCOUNT_RESTING);
  EXPECT_EQ(RetryAfterOf(resting), absl::Seconds(15));
  EXPECT_TRUE(guard_.MayDial(kOther).ok());
}

TEST_F(AccountGuardTest, ASuccessOrARefusalBreaksTheRow) {
  Fail(2);
  guard_.Note(kAccount, Rejected(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER));
  Fail(2);
  EXPECT_TRUE(guard_.MayDial(kAccount).ok());
  guard_.Note(kAccount, Rejected(calls::v1::CALL_ERROR_CODE_UNAVAILABLE));
  EXPECT_FALSE(guard_.MayDial(kAccount).ok());
}

TEST_F(AccountGuardTest, OneDialTriesAfterTheRest) {
  Fail(3);
  clock_.Advance(absl::Seconds(16));
  EXPECT_TRUE(guard_.MayDial(kAccount).ok());
  EXPECT_FALSE(guard_.MayDial(kAccount).ok());
  Fail(1);
  EXPECT_FALSE(guard_.MayDial(kAccount).ok());
  clock_.Advance(absl::Seconds(16));
  EXPECT_TRUE(guard_.MayDial(kAccount).ok());
  guard_.Note(kAccount, {.kind = DialOutcome::Kind::kPlaced, .external_call_id = "1", .error = {}});
  EXPECT_TRUE(guard_.MayDial(kAccount).ok());
  EXPECT_TRUE(guard_.MayDial(kAccount).ok());
}

TEST_F(AccountGuardTest, RestsForAsLongAsTheProviderSays) {
  DialOutcome busy = Rejected(calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  guard_.Note(kAccount, busy);
  EXPECT_TRUE(guard_.MayDial(kAccount).ok());  // it did not say for how long
  busy.retry_after = absl::Seconds(90);
  guard_.Note(kAccount, busy);
  EXPECT_EQ(RetryAfterOf(guard_.MayDial(kAccount)), absl::Seconds(90));
  EXPECT_TRUE(guard_.MayDial(kOther).ok());
  // Answers of requests that were under way do not shorten it.
  busy.retry_after = absl::Seconds(1);
  guard_.Note(kAccount, busy);
  guard_.Note(kAccount, {.kind = DialOutcome::Kind::kPlaced, .external_call_id = "x", .error = {}});
  clock_.Advance(absl::Seconds(89));
  EXPECT_EQ(RetryAfterOf(guard_.MayDial(kAccount)), absl::Seconds(1));
  clock_.Advance(absl::Seconds(1));
  EXPECT_TRUE(guard_.MayDial(kAccount).ok());
}

TEST_F(AccountGuardTest, NoProviderAsksForMoreThanTheLongestRest) {
  DialOutcome busy = Rejected(calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  busy.retry_after = absl::Hours(1);
  guard_.Note(kAccount, busy);
  EXPECT_EQ(RetryAfterOf(guard_.MayDial(kAccount)), absl::Minutes(10));
}

}  // namespace
}  // namespace trunkline::gateway
