#include "services/campaign-scheduler/campaigns/call_gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::scheduler {
namespace {

using ::testing::HasSubstr;

TEST(CallGatesTest, ALimitOfTheGovernorKeepsItsLevel) {
  governor::v1::Gate limit;
  limit.set_rule(governor::v1::GATE_RULE_PER_SECOND);
  limit.set_level(governor::v1::LEVEL_PROVIDER_ACCOUNT);
  limit.set_value(3);
  limit.set_limit(3);
  const control::v1::CallGate gate = GateOf(limit);
  EXPECT_EQ(gate.gate(), "per_second");
  EXPECT_EQ(gate.level(), "provider_account");
  EXPECT_EQ(gate.value(), "3");
}

TEST(CallGatesTest, TheSummaryNamesTheFirstThatIsShut) {
  google::protobuf::RepeatedPtrField<control::v1::CallGate> gates;
  EXPECT_THAT(SummaryOf(gates), HasSubstr("nothing"));
  gates.Add()->set_passes(true);
  *gates.Add() = UnknownGate("concurrency", "not known");
  *gates.Add() = UnknownGate("gateway", "not known");
  EXPECT_THAT(SummaryOf(gates), HasSubstr("concurrency"));
}

}  // namespace
}  // namespace trunkline::scheduler
