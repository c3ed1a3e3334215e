#include "services/campaign-scheduler/campaigns/explainer.h"

#include "services/campaign-scheduler/testing/campaigns_fixture.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::ExplainContactRequest;
using ::testing::Contains;
using ::testing::HasSubstr;

class ExplainerTest : public CampaignsFixture {
 protected:
  ExplainerTest() {
    gateway_gate_.set_gate("circuit_breaker");
    gateway_gate_.set_passes(true);
  }

  Explainer Make(bool with_governor = true) {
    return Explainer(
        {pool_, worker_pool_, progress_, clock_,
         [with_governor](const governor::v1::ExplainRequest& request) -> absl::StatusOr<governor::v1::ExplainResponse> {
           if (!with_governor) return absl::UnavailableError("away");
           EXPECT_EQ(request.subject().business_id(), kOurs);
           governor::v1::ExplainResponse response;
           auto* gate = response.add_gates();
           gate->set_rule(governor::v1::GATE_RULE_CONCURRENCY);
           gate->set_level(governor::v1::LEVEL_BUSINESS);
           gate->set_value(10);
           gate->set_limit(10);
           return response;
         },
         [this](std::string_view business,
                const control::v1::ExplainCallRequest& request) -> absl::StatusOr<control::v1::ExplainCallResponse> {
           EXPECT_EQ(business, kOurs);
           asked_for_ = request.call().to();
           control::v1::ExplainCallResponse response;
           *response.add_gates() = gateway_gate_;
           return response;
         }},
        {.blocked_prefixes = {"+1900"}});
  }
  ExplainContactRequest ByNumber(const std::string& number) {
    auto request = About<ExplainContactRequest>(campaign_);
    request.set_number(number);
    return request;
  }
  static const control::v1::CallGate& GateOf(const auto& response, std::string_view name) {
    for (const auto& gate : response.gates()) {
      if (gate.gate() == name) return gate;
    }
    ADD_FAILURE() << "no gate " << name;
    static const control::v1::CallGate kNone;
    return kNone;
  }

  const std::string campaign_ = CreateWith(2).campaign_id();
  control::v1::CallGate gateway_gate_;
  std::string asked_for_;
};

TEST_F(ExplainerTest, EveryGateIsToldInOrder) {
  ASSERT_TRUE(Start(campaign_).ok());
  const auto response = *Make().ExplainContact(kOurs, ByNumber("+12025551000"));
  EXPECT_EQ(response.gates(0).gate(), "campaign_state");
  EXPECT_TRUE(response.gates(0).passes());
  EXPECT_EQ(GateOf(response, "concurrency").level(), "business");
  EXPECT_EQ(response.gates(response.gates_size() - 1).gate(), "circuit_breaker");
  EXPECT_EQ(asked_for_, "+12025551000");
  EXPECT_THAT(response.summary(), HasSubstr("concurrency of the business is 10"));
}

TEST_F(ExplainerTest, EachDoNotCallListIsFoundAlsoTheDeploymentsOwn) {
  ASSERT_TRUE(Start(campaign_).ok());
  const auto shut = [&](std::string_view gate) {
    return !GateOf(*Make().ExplainContact(kOurs, ByNumber("+12025551000")), gate).passes();
  };
  for (const char* gate : {"do_not_call_global", "do_not_call_business", "do_not_call_campaign"})
    EXPECT_FALSE(shut(gate));
  Run("INSERT INTO suppression (number, reason, actor) VALUES ('+12025551000', 'law', 'operator')");
  EXPECT_TRUE(shut("do_not_call_global"));
  EXPECT_FALSE(shut("do_not_call_business"));
  Run(Concat("INSERT INTO suppression (number, business_id, reason, actor) VALUES ('+12025551000', '", kTheirs,
             "', 'x', 'x')"));
  EXPECT_FALSE(shut("do_not_call_business"));
  Run(Concat("INSERT INTO suppression (number, business_id, reason, actor) VALUES ('+12025551000', '", kOurs,
             "', 'x', 'x')"));
  EXPECT_TRUE(shut("do_not_call_business"));
  EXPECT_FALSE(shut("do_not_call_campaign"));
  Run(Concat("INSERT INTO suppression (number, business_id, campaign_id, reason, actor) VALUES ('+12025551000', '",
             kOurs, "', '", campaign_, "', 'x', 'x')"));
  EXPECT_TRUE(shut("do_not_call_campaign"));
}

TEST_F(ExplainerTest, EarlierCallsCountAndAGovernorThatIsAwayLetsNobodyPass) {
  auto update = About<campaigns::v1::UpdateCampaignRequest>(campaign_);
  update.mutable_update_mask()->add_paths("settings.rules.max_calls_per_number_per_day");
  update.mutable_settings()->mutable_rules()->set_max_calls_per_number_per_day(1);
  ASSERT_TRUE(commands_.Update(CallerOf(kOurs), update).ok());
  clock_.Set(absl::Now());
  Run(Concat("INSERT INTO number_dials VALUES ('", kOurs, "', '+12025551000', ARRAY[now()])"));
  const auto response = *Make(/*with_governor=*/false).ExplainContact(kOurs, ByNumber("+12025551000"));
  EXPECT_FALSE(GateOf(response, "number_per_day").passes());
  EXPECT_TRUE(GateOf(response, "number_per_day").has_next_at());
  EXPECT_FALSE(GateOf(response, "concurrency").passes());
  EXPECT_FALSE(GateOf(response, "campaign_state").passes());  // a draft
}

TEST_F(ExplainerTest, ACampaignTellsWhichRulesHoldItsContactsUp) {
  Run("UPDATE contacts SET state = 3, last_rule = 12, due_at = now() + interval '1 hour' WHERE position = 1");
  const auto response = *Make().ExplainCampaign(kOurs, About<campaigns::v1::ExplainCampaignRequest>(campaign_));
  ASSERT_EQ(response.waiting_size(), 1);
  EXPECT_EQ(response.waiting(0).rule(), campaigns::v1::CALL_RULE_CALLING_WINDOW);
  EXPECT_EQ(response.waiting(0).contacts(), 1);
  EXPECT_TRUE(response.waiting(0).has_next_at());
  EXPECT_EQ(response.gates(0).gate(), "campaign_state");
  EXPECT_THAT(response.summary(), HasSubstr("campaign_state"));
}

TEST_F(ExplainerTest, AContactIsNamedByOneOfTwo) {
  EXPECT_EQ(ReasonOf(Make().ExplainContact(kOurs, About<ExplainContactRequest>(campaign_)).status()),
            Reason::REASON_INVALID_FIELD);
  EXPECT_EQ(ReasonOf(Make().ExplainContact(kOurs, ByNumber("+12025559999")).status()),
            Reason::REASON_CONTACT_NOT_FOUND);
  EXPECT_EQ(ReasonOf(Make().ExplainContact(kTheirs, ByNumber("+12025551000")).status()),
            Reason::REASON_CAMPAIGN_NOT_FOUND);
}

}  // namespace
}  // namespace trunkline::scheduler
