#include "services/gateway/dialing/call_explainer.h"

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using control::v1::CallGate;

class CallExplainerTest : public GatewayFixture {
 protected:
  CallExplainer explainer_{{pool_, directory_, registry_, guard_, destinations_, bots_, nullptr, clock_}};

  std::vector<CallGate> Explain(const control::v1::InitiateCallRequest& call, const std::string& key = "") {
    rpc::Caller caller = CallerOf(kOurs);
    caller.api_key_id = key;
    const auto told = explainer_.Explain(caller, call);
    EXPECT_TRUE(told.ok()) << told.status();
    if (!told.ok()) return {};
    return {told->gates().begin(), told->gates().end()};
  }
  // The gate of that name; fails the test when there is none.
  static CallGate Find(const std::vector<CallGate>& gates, std::string_view name) {
    for (const CallGate& gate : gates) {
      if (gate.gate() == name) return gate;
    }
    ADD_FAILURE() << "no gate " << name;
    return {};
  }
  void LimitAccount(int per_minute) {
    accounts::v1::UpdateProviderAccountRequest request;
    request.mutable_account()->set_provider_account_id(our_account_);
    request.mutable_account()->mutable_call_rates()->set_per_minute(per_minute);
    request.mutable_update_mask()->add_paths("call_rates");
    ASSERT_TRUE(account_commands_.Update(CallerOf(kOurs), request).ok());
  }
};

TEST_F(CallExplainerTest, ACallThatWouldBePlacedPassesEveryGateAndIsNotPlaced) {
  LimitAccount(2);
  const std::vector<CallGate> gates = Explain(Request());
  for (const CallGate& gate : gates) EXPECT_TRUE(gate.passes()) << gate.gate();
  EXPECT_EQ(Find(gates, "calls_per_minute").value(), "0");
  EXPECT_EQ(Find(gates, "calls_per_minute").limit(), "2");
  EXPECT_TRUE(client_.placed().empty());
  EXPECT_EQ(Count("SELECT count(*) FROM rate_takes"), 0);
}

TEST_F(CallExplainerTest, ABlockedDestinationIsToldBesideAllOthers) {
  auto call = Request();
  call.set_to("+8821612345678");
  const std::vector<CallGate> gates = Explain(call);
  EXPECT_FALSE(Find(gates, "destination").passes());
  EXPECT_TRUE(Find(gates, "account").passes());
  EXPECT_TRUE(Find(gates, "circuit_breaker").passes());
}

TEST_F(CallExplainerTest, AUsedUpRateTellsWhenTheNextMayPass) {
  LimitAccount(1);
  ASSERT_TRUE(Place(Request()).ok());
  const CallGate rate = Find(Explain(Request()), "calls_per_minute");
  EXPECT_FALSE(rate.passes());
  EXPECT_EQ(rate.value(), "1");
  const absl::Duration wait = telephony::FromProto(rate.next_at()) - clock_.Now();
  EXPECT_GT(wait, absl::Seconds(30));
  EXPECT_LE(wait, absl::Minutes(1));
}

TEST_F(CallExplainerTest, AnAccountThatRestsIsToldAndItsOneTryIsNotUsedUp) {
  providers::DialOutcome doubt{.kind = providers::DialOutcome::Kind::kInDoubt};
  for (int i = 0; i < 10; ++i) guard_.Note(our_account_, doubt);
  EXPECT_FALSE(Find(Explain(Request()), "circuit_breaker").passes());
  clock_.Advance(absl::Seconds(16));
  EXPECT_TRUE(Find(Explain(Request()), "circuit_breaker").passes());
  EXPECT_TRUE(Find(Explain(Request()), "circuit_breaker").passes());
  EXPECT_TRUE(guard_.MayDial(our_account_).ok());
  EXPECT_FALSE(guard_.MayDial(our_account_).ok());
}

TEST_F(CallExplainerTest, ACallWithoutAnAccountTellsWhy) {
  auto call = Request();
  call.set_provider_account_id(their_account_);
  const std::vector<CallGate> gates = Explain(call);
  EXPECT_FALSE(Find(gates, "account").passes());
  EXPECT_NE(Find(gates, "account").value(), "");
}

TEST_F(CallExplainerTest, ABotThatIsReadyIsTold) {
  auto call = Request();
  call.mutable_warm_up()->set_url("https://bots.example/warm");
  call.mutable_warm_up()->mutable_stays_ready()->set_seconds(30);
  EXPECT_EQ(Find(Explain(call), "warm_up").value(), "to be made ready before the dial");
  EXPECT_EQ(bot_requests_, 0);
  ASSERT_TRUE(Place(call).ok());
  EXPECT_EQ(Find(Explain(call), "warm_up").value(), "ready");
}

TEST_F(CallExplainerTest, AKeyTellsItsRatesAndCaps) {
  const std::string key = NewId();
  Run(Concat("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ('", key, "', '",
             std::string_view(kOurs), "', 'k', decode(repeat('00', 32), 'hex'))"));
  Run(Concat(
      "INSERT INTO api_key_limits (api_key_id, business_id, calls_per_hour, spend_per_day_micros, reserve_micros, "
      "currency) VALUES ('",
      key, "', '", std::string_view(kOurs), "', 7, 1000000, 2000000, 'USD')"));
  directory_.Invalidate();
  const std::vector<CallGate> gates = Explain(Request(), key);
  EXPECT_EQ(Find(gates, "calls_per_hour").limit(), "7");
  EXPECT_EQ(Find(gates, "calls_per_hour").level(), "api_key");
  EXPECT_FALSE(Find(gates, "spending").passes());
}

TEST_F(CallExplainerTest, WrongNumbersAreNamed) {
  auto call = Request();
  call.set_to("nobody");
  EXPECT_EQ(explainer_.Explain(CallerOf(kOurs), call).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace trunkline::gateway
