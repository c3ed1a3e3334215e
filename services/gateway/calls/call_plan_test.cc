// What a plan must be, and what comes of it at a step.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/telephony/call_plan_checks.h"
#include "services/gateway/calls/call_plan_store.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;

using plans::v1::CallPlan;
using plans::v1::GetCallPlanRequest;

CallPlan Menu() {
  CallPlan plan;
  auto* gather = plan.add_verbs()->mutable_gather();
  gather->set_step("menu");
  gather->add_prompts()->mutable_say()->set_text("press one for sales");
  auto& menu = (*plan.mutable_steps())["menu"];
  menu.add_verbs()->mutable_continue_()->set_step("menu");
  auto* sales = menu.add_branches();
  sales->set_digits("1");
  sales->set_step("sales");
  auto* spoken = menu.add_branches();
  spoken->set_speech("Sales");
  spoken->set_step("sales");
  (*plan.mutable_steps())["sales"].add_verbs()->mutable_dial()->add_targets("+12025550155");
  return plan;
}

std::string Problems(const CallPlan& plan) {
  FieldChecks checks;
  telephony::CheckCallPlan(plan, "plan", checks);
  return std::string(checks.Finish().message());
}

TEST(CallPlanTest, AGoodPlanIsAccepted) {
  EXPECT_EQ(Problems(Menu()), "");
  EXPECT_EQ(Problems({}), "");
}

TEST(CallPlanTest, EveryWrongPartIsNamed) {
  CallPlan plan = Menu();
  plan.mutable_verbs(0)->mutable_gather()->set_step("missing");
  plan.mutable_verbs(0)->mutable_gather()->add_prompts()->mutable_hangup();
  plan.add_verbs();
  plan.add_verbs()->mutable_reject();
  plan.add_verbs()->mutable_play();
  plan.add_verbs()->mutable_stream()->set_url("wss://host/path?query");
  (*plan.mutable_steps())["bad name"].add_branches();
  const std::string problems = Problems(plan);
  for (const char* field :
       {"plan.verbs[0].gather.step", "plan.verbs[0].gather.prompts[1]", "plan.verbs[1]", "plan.verbs[2]",
        "plan.verbs[3].play", "plan.verbs[4].stream.url", "plan.steps[\"bad name\"]", "branches[0]"}) {
    EXPECT_THAT(problems, HasSubstr(field));
  }
}

TEST(CallPlanTest, SizesAreBounded) {
  CallPlan plan;
  for (int i = 0; i < 101; ++i) plan.add_verbs()->mutable_hangup();
  EXPECT_THAT(Problems(plan), HasSubstr("at most 100"));
  CallPlan large;
  for (int i = 0; i < 20; ++i) large.add_verbs()->mutable_say()->set_text(std::string(4'000, 'x'));
  EXPECT_THAT(Problems(large), HasSubstr("64 KiB"));
}

TEST(CallPlanTest, InputChoosesTheBranch) {
  GetCallPlanRequest request;
  EXPECT_TRUE(PlanAtStep(Menu(), request)->verbs(0).has_gather());
  request.set_step("menu");
  EXPECT_TRUE(PlanAtStep(Menu(), request)->verbs(0).has_continue_());
  request.set_digits("1");
  EXPECT_TRUE(PlanAtStep(Menu(), request)->verbs(0).has_dial());
  request.set_digits("11");
  EXPECT_TRUE(PlanAtStep(Menu(), request)->verbs(0).has_continue_());
  request.clear_digits();
  request.set_speech(" sales");
  EXPECT_TRUE(PlanAtStep(Menu(), request)->verbs(0).has_dial());
  request.set_step("nowhere");
  EXPECT_FALSE(PlanAtStep(Menu(), request).has_value());
}

}  // namespace
}  // namespace trunkline::gateway
