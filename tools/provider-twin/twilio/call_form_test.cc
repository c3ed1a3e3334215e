#include "tools/provider-twin/twilio/call_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::twin::twilio {
namespace {

class CallFormTest : public testing::Test {
 protected:
  CallFormTest() {
    call_.sid = "CA1";
    call_.account_sid = "AC1";
    call_.from = "+15550100003";
    call_.to = "+15550100002";
  }
  static std::string Get(const Form& form, std::string_view name) {
    return std::string(FindInForm(form, name).value_or("(none)"));
  }
  Call call_;
};

TEST_F(CallFormTest, CommonParametersNameBothEndsTwice) {
  const Form form = CommonParameters(call_, "initiated");
  EXPECT_EQ(Get(form, "From"), "+15550100003");
  EXPECT_EQ(Get(form, "Caller"), "+15550100003");
  EXPECT_EQ(Get(form, "To"), "+15550100002");
  EXPECT_EQ(Get(form, "Called"), "+15550100002");
  EXPECT_EQ(Get(form, "CallStatus"), "initiated");
  EXPECT_EQ(Get(form, "Direction"), "outbound-api");
  EXPECT_EQ(Get(form, "ToZip"), "");
  EXPECT_EQ(Get(form, "FromZip"), "94105");
  EXPECT_EQ(Get(form, "ParentCallSid"), "(none)");
}

TEST_F(CallFormTest, BilledMinutesAreRoundedUp) {
  Form form;
  call_.duration_seconds = 61;
  call_.sip_code = 200;
  AddFinalParameters(call_, nullptr, "http://twin", form);
  EXPECT_EQ(Get(form, "CallDuration"), "61");
  EXPECT_EQ(Get(form, "Duration"), "2");
  EXPECT_EQ(Get(form, "SipResponseCode"), "200");
}

TEST_F(CallFormTest, AsyncAmdTellsNoNumbers) {
  call_.answered_by = "human";
  const Form form = AsyncAmdParameters(call_, absl::Milliseconds(1500));
  EXPECT_EQ(form.size(), 4);
  EXPECT_EQ(Get(form, "MachineDetectionDuration"), "1500");
}

}  // namespace
}  // namespace trunkline::twin::twilio
