#include "services/campaign-scheduler/campaigns/pacing_gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

using control::v1::CallGate;
using ::testing::HasSubstr;
using ::testing::SizeIs;

const absl::Time kNow = absl::FromUnixSeconds(1'780'000'000);
const absl::Time kLongAgo = kNow - absl::Hours(10);

std::vector<CallGate> Gates(const campaigns::v1::Pacing& pacing, std::vector<absl::Time> committed,
                            absl::Time running_since = kLongAgo) {
  return PacingGates(pacing, absl::ZeroDuration(), {.running_since = running_since, .committed = std::move(committed)},
                     kNow);
}

TEST(PacingGatesTest, WithoutAPaceThereIsNoGate) { EXPECT_THAT(Gates({}, {kNow}), SizeIs(0)); }

TEST(PacingGatesTest, TheSpacingShutsUntilItIsOver) {
  const auto gate_after = [](std::vector<absl::Time> committed) {
    const auto gates = PacingGates({}, absl::Seconds(6), {.running_since = kLongAgo, .committed = committed}, kNow);
    EXPECT_THAT(gates, SizeIs(1));
    EXPECT_EQ(gates[0].gate(), "pacing");
    return gates[0];
  };
  EXPECT_TRUE(gate_after({}).passes());
  EXPECT_TRUE(gate_after({kNow - absl::Seconds(6)}).passes());
  const CallGate shut = gate_after({kNow - absl::Seconds(2)});
  EXPECT_FALSE(shut.passes());
  EXPECT_EQ(telephony::FromProto(shut.next_at()), kNow + absl::Seconds(4));
  EXPECT_THAT(shut.value(), HasSubstr("2s ago"));
}

TEST(PacingGatesTest, CallsOfTheLastSecondAndMinuteAreCounted) {
  campaigns::v1::Pacing pacing;
  pacing.set_calls_per_second(2);
  pacing.set_calls_per_minute(3);
  const auto gates =
      Gates(pacing, {kNow - absl::Seconds(50), kNow - absl::Seconds(20), kNow - absl::Milliseconds(400)});
  ASSERT_THAT(gates, SizeIs(2));
  EXPECT_EQ(gates[0].value(), "1 in the last second");
  EXPECT_EQ(gates[0].limit(), "2 a second");
  EXPECT_TRUE(gates[0].passes());
  EXPECT_EQ(gates[1].value(), "3 in the last minute");
  EXPECT_EQ(gates[1].limit(), "3 a minute");
  EXPECT_FALSE(gates[1].passes());
  EXPECT_EQ(telephony::FromProto(gates[1].next_at()), kNow + absl::Seconds(10));
}

TEST(PacingGatesTest, TheRampTellsHowFastItIsByNow) {
  campaigns::v1::Pacing pacing;
  pacing.set_calls_per_second(10);
  pacing.mutable_ramp_up()->set_seconds(100);
  const auto gates = Gates(pacing, {}, kNow - absl::Seconds(25));
  ASSERT_THAT(gates, SizeIs(2));
  EXPECT_THAT(gates[1].value(), HasSubstr("2.50"));
  EXPECT_THAT(gates[1].limit(), HasSubstr("10.00"));
  EXPECT_THAT(Gates(pacing, {}, kNow - absl::Seconds(100)), SizeIs(1)) << "it is over";
}

}  // namespace
}  // namespace trunkline::scheduler
