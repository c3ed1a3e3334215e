#include "services/campaign-scheduler/outcomes/machine_answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/campaign-scheduler/testing/fake_outcomes.h"

namespace trunkline::scheduler {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class MachineAnswersTest : public testing::Test {
 protected:
  // An attempt under way, of a campaign that wants this.
  void AddAttempt(v1::MachinePolicy policy) {
    AttemptPlan plan;
    plan.settings.set_machine_policy(policy);
    plan.settings.mutable_machine_plan()->add_verbs()->mutable_say()->set_text("Call us back, {{name}}");
    plan.settings.mutable_plan()->add_verbs()->mutable_say()->set_text("Hello");
    v1::Contact variables;
    (*variables.mutable_variables())["name"] = "Ada";
    plan.variables = variables.SerializeAsString();
    store_.AddPlan("business", "attempt", std::move(plan));
  }
  absl::Status Deal() { return machines_.Deal("business", "attempt", "call"); }
  std::string Metric(const std::string& action) { return "machines_total{action=\"" + action + "\"} 1"; }

  FakeOutcomeStore store_;
  FakeGateway gateway_;
  metrics::Registry registry_;
  SchedulerMetrics metrics_{registry_};
  MachineAnswers machines_{store_, gateway_, metrics_};
};

TEST_F(MachineAnswersTest, TheCallIsEndedWhereTheCampaignWantsThat) {
  AddAttempt(v1::MACHINE_POLICY_HANG_UP);
  EXPECT_TRUE(Deal().ok());
  EXPECT_THAT(gateway_.done(), ElementsAre("end business call"));
  EXPECT_THAT(registry_.Text(), HasSubstr(Metric("hang_up")));
}

TEST_F(MachineAnswersTest, TheMessageIsLeftWithWhatIsKnownOfTheContact) {
  AddAttempt(v1::MACHINE_POLICY_LEAVE_MESSAGE);
  EXPECT_TRUE(Deal().ok());
  EXPECT_THAT(gateway_.done(), ElementsAre("update business call Call us back, Ada"));
  EXPECT_THAT(registry_.Text(), HasSubstr(Metric("leave_message")));
}

TEST_F(MachineAnswersTest, WithoutAPolicyTheCallGoesOn) {
  AddAttempt(v1::MACHINE_POLICY_UNSPECIFIED);
  EXPECT_TRUE(Deal().ok());
  EXPECT_THAT(gateway_.done(), IsEmpty());
  EXPECT_THAT(registry_.Text(), Not(HasSubstr("machines_total")));
}

TEST_F(MachineAnswersTest, AnAttemptThatIsOverOrOfSomebodyElseIsLeft) {
  AddAttempt(v1::MACHINE_POLICY_HANG_UP);
  EXPECT_TRUE(machines_.Deal("business", "another", "call").ok());
  EXPECT_TRUE(machines_.Deal("other business", "attempt", "call").ok());
  EXPECT_THAT(gateway_.done(), IsEmpty());
}

TEST_F(MachineAnswersTest, WhatTheGatewayDoesNotDoIsCountedAndNotTriedAgain) {
  AddAttempt(v1::MACHINE_POLICY_HANG_UP);
  for (const absl::Status& error : {absl::UnavailableError("away"), absl::NotFoundError("the call has ended")}) {
    gateway_.Answer(error);
    EXPECT_TRUE(Deal().ok()) << "who reads the events must not wait for it: " << error;
  }
  EXPECT_THAT(registry_.Text(), HasSubstr("machines_total{action=\"failed\"} 2"));
  EXPECT_THAT(registry_.Text(), Not(HasSubstr("hang_up")));
}

TEST_F(MachineAnswersTest, WithoutTheDatabaseItIsTriedAgain) {
  AddAttempt(v1::MACHINE_POLICY_HANG_UP);
  store_.Answer(absl::UnavailableError("the server is restarted"));
  EXPECT_EQ(Deal().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(gateway_.done(), IsEmpty());
  store_.Answer(absl::OkStatus());
  EXPECT_TRUE(Deal().ok());
  EXPECT_THAT(gateway_.done(), ElementsAre("end business call"));
}

}  // namespace
}  // namespace trunkline::scheduler
