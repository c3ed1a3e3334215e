#include "services/webhook-ingest/failing_senders.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace trunkline::webhook_ingest {
namespace {

using Verdict = FailingSenders::Verdict;

class FailingSendersTest : public ::testing::Test {
 protected:
  void FailTwentyTimes(std::string_view address) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(senders_.Failed(address, now_), Verdict::kTell) << i;
  }

  absl::Time now_ = absl::FromUnixSeconds(1'780'000'000);
  FailingSenders senders_;
};

TEST_F(FailingSendersTest, TheTwentyFirstFailureOfAMinuteIsHeldOffForAMinute) {
  FailTwentyTimes("203.0.113.1");
  now_ += absl::Seconds(30);
  EXPECT_EQ(senders_.Failed("203.0.113.1", now_), Verdict::kHoldOffFromNow);
  now_ += absl::Seconds(59);
  EXPECT_EQ(senders_.Failed("203.0.113.1", now_), Verdict::kHoldOff);
  now_ += absl::Seconds(1);
  FailTwentyTimes("203.0.113.1");
  EXPECT_EQ(senders_.Failed("203.0.113.1", now_), Verdict::kHoldOffFromNow);
}

TEST_F(FailingSendersTest, FewerFailuresThanThatAreToldForEver) {
  for (int minute = 0; minute < 5; ++minute) {
    FailTwentyTimes("203.0.113.1");
    now_ += absl::Minutes(1);
  }
}

TEST_F(FailingSendersTest, NobodyIsHeldOffForAnother) {
  FailTwentyTimes("203.0.113.1");
  FailTwentyTimes("203.0.113.2");
  EXPECT_EQ(senders_.Failed("203.0.113.1", now_), Verdict::kHoldOffFromNow);
  EXPECT_EQ(senders_.Failed("203.0.113.3", now_), Verdict::kTell);
}

TEST_F(FailingSendersTest, ManyAddressesMakeNoneForgottenThatIsHeldOff) {
  FailTwentyTimes("203.0.113.1");
  EXPECT_EQ(senders_.Failed("203.0.113.1", now_), Verdict::kHoldOffFromNow);
  for (int i = 0; i < 20'000; ++i) EXPECT_EQ(senders_.Failed(Concat("sender ", i), now_), Verdict::kTell);
  EXPECT_EQ(senders_.Failed("203.0.113.1", now_), Verdict::kHoldOff);
  now_ += absl::Minutes(1);
  // What is over makes room again.
  FailTwentyTimes("203.0.113.9");
  EXPECT_EQ(senders_.Failed("203.0.113.9", now_), Verdict::kHoldOffFromNow);
}

}  // namespace
}  // namespace trunkline::webhook_ingest
