#include "services/gateway/control/call_controller.h"

#include "libs/base/status.h"
#include "libs/providers/provider_status.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using calls::v1::CALL_STATUS_ANSWERED;
using calls::v1::CALL_STATUS_COMPLETED;
using calls::v1::CALL_STATUS_ON_HOLD;
using calls::v1::CALL_STATUS_TRANSFERRED;
using control::v1::Call;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CallControllerTest : public GatewayFixture {
 protected:
  // A call that was placed and answered.
  std::string Answered() {
    const auto call = Place(Request());
    EXPECT_TRUE(call.ok()) << call.status();
    Normalize({Webhook(*call, "external-1", CALL_STATUS_ANSWERED)});
    return call->record().call_id();
  }
  control::v1::HoldCallRequest HoldOf(const std::string& call_id) {
    control::v1::HoldCallRequest request;
    request.set_call_id(call_id);
    return request;
  }
  int64_t Facts(const std::string& type) {
    int64_t count = 0;
    for (const webhooks::v1::RawWebhook& message : Outbox()) count += message.event() == type ? 1 : 0;
    return count;
  }

  CallController controller_{
      {carriers_, reader_, ledger_, plans_, directory_, destinations_, requests_, clock_, [] {}}};
};

TEST_F(CallControllerTest, AHoldIsAskedForAndTold) {
  const std::string call_id = Answered();
  clock_.Advance(absl::Seconds(1));
  const absl::StatusOr<Call> held = controller_.Hold(kOurs, HoldOf(call_id));
  ASSERT_TRUE(held.ok()) << held.status();
  EXPECT_THAT(client_.controls.asked, ElementsAre("hold external-1"));
  EXPECT_EQ(held->record().status(), CALL_STATUS_ON_HOLD);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(controller_.Resume(kOurs, call_id)->record().status(), CALL_STATUS_ANSWERED);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(controller_.Hold(kOurs, HoldOf(call_id))->record().status(), CALL_STATUS_ON_HOLD);
  EXPECT_EQ(Facts("held"), 2);
}

TEST_F(CallControllerTest, ACallStaysOnHoldWhateverTheProviderSaysOfItsProgress) {
  const std::string call_id = Answered();
  EXPECT_EQ(controller_.Hold(kOurs, HoldOf(call_id))->record().status(), CALL_STATUS_ON_HOLD);
  clock_.Advance(absl::Seconds(2));
  Normalize({Webhook(*reader_.Get(kOurs, call_id), "external-1", CALL_STATUS_ANSWERED)});
  EXPECT_EQ(reader_.Get(kOurs, call_id)->record().status(), CALL_STATUS_ON_HOLD);
  EXPECT_EQ(controller_.Resume(kOurs, call_id)->record().status(), CALL_STATUS_ANSWERED);
}

TEST_F(CallControllerTest, AnotherPlanTakesTheCallBackFromHold) {
  const std::string call_id = Answered();
  EXPECT_TRUE(controller_.Hold(kOurs, HoldOf(call_id)).ok());
  clock_.Advance(absl::Seconds(1));
  control::v1::UpdateCallRequest request;
  request.set_call_id(call_id);
  request.mutable_plan()->add_verbs()->mutable_say()->set_text("Good morning.");
  EXPECT_EQ(controller_.Update(kOurs, request)->record().status(), CALL_STATUS_ANSWERED);
  EXPECT_EQ(Facts("resumed"), 1);
}

TEST_F(CallControllerTest, WhatTheProviderTellsIsNotToldTwice) {
  const std::string call_id = Answered();
  client_.controls.answer = providers::Controlled{.provider_tells = true};
  EXPECT_EQ(controller_.Hold(kOurs, HoldOf(call_id))->record().status(), CALL_STATUS_ANSWERED);
  EXPECT_EQ(Facts("held"), 0);
}

TEST_F(CallControllerTest, AnAttendedTransferIsOneWhenItIsCompleted) {
  const std::string call_id = Answered();
  control::v1::TransferCallRequest request;
  request.set_call_id(call_id);
  request.set_target("+1 (202) 555-0177");
  request.set_attended(true);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(controller_.Transfer(kOurs, request)->record().status(), CALL_STATUS_ANSWERED);
  EXPECT_EQ(controller_.CompleteTransfer(kOurs, call_id)->record().status(), CALL_STATUS_TRANSFERRED);
  EXPECT_THAT(client_.controls.asked,
              ElementsAre("transfer external-1 +12025550177 attended", "complete transfer external-1"));
}

TEST_F(CallControllerTest, WhatAProviderLacksIsNamed) {
  const std::string call_id = Answered();
  control::v1::SendDigitsRequest request;
  request.set_call_id(call_id);
  request.set_digits("12#");
  const absl::Status refused = controller_.SendDigits(kOurs, request).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ReasonOf(refused), Reason::REASON_UNSUPPORTED_BY_PROVIDER);
  EXPECT_EQ(refused.message(), "scripted has no send digits");
}

TEST_F(CallControllerTest, RefusalsSayWhy) {
  const std::string call_id = Answered();
  client_.controls.answer = absl::UnavailableError("away");
  EXPECT_EQ(ReasonOf(controller_.Resume(kOurs, call_id).status()), Reason::REASON_PROVIDER_UNAVAILABLE);
  client_.controls.answer = absl::FailedPreconditionError("not now");
  EXPECT_EQ(ReasonOf(controller_.Resume(kOurs, call_id).status()), Reason::REASON_PROVIDER_REJECTED);
  EXPECT_EQ(ReasonOf(controller_.Resume(kTheirs, call_id).status()), Reason::REASON_CALL_NOT_FOUND);

  const auto call = reader_.Get(kOurs, call_id);
  Normalize({Webhook(*call, "external-1", CALL_STATUS_COMPLETED)});
  EXPECT_EQ(ReasonOf(controller_.Resume(kOurs, call_id).status()), Reason::REASON_CALL_ENDED);
}

TEST_F(CallControllerTest, NothingIsAskedWithWrongFields) {
  const std::string call_id = Answered();
  control::v1::TransferCallRequest transfer;
  transfer.set_call_id(call_id);
  for (const char* target : {"", "+1", "sip:a b@x", "PJSIP/100&PJSIP/200", "100,200", "sip:x@y<z>"}) {
    transfer.set_target(target);
    EXPECT_EQ(controller_.Transfer(kOurs, transfer).status().code(), absl::StatusCode::kInvalidArgument) << target;
  }
  transfer.set_target("+12025550177");
  transfer.set_caller_id(kTheirNumber);
  EXPECT_EQ(ReasonOf(controller_.Transfer(kOurs, transfer).status()), Reason::REASON_NUMBER_NOT_OWNED);
  control::v1::HoldCallRequest hold = HoldOf(call_id);
  for (const char* url : {"file:///etc/passwd", "http://x y", "https://a\nb"}) {
    hold.set_music_url(url);
    EXPECT_EQ(controller_.Hold(kOurs, hold).status().code(), absl::StatusCode::kInvalidArgument) << url;
  }
  EXPECT_THAT(client_.controls.asked, IsEmpty());
}

TEST_F(CallControllerTest, ANewPlanServesTheCallsFurtherStepsUnlessItIsRefused) {
  const std::string call_id = Answered();
  const auto step_of = [&](const char* step) {
    plans::v1::GetCallPlanRequest request;
    request.set_business_id(kOurs);
    request.set_call_id(call_id);
    request.set_step(step);
    return plans_.Get(request);
  };
  control::v1::UpdateCallRequest request;
  request.set_call_id(call_id);
  request.mutable_plan()->add_verbs()->mutable_continue_()->set_step("menu");
  (*request.mutable_plan()->mutable_steps())["menu"].add_verbs()->mutable_hangup();

  client_.controls.answer = absl::UnavailableError("away");
  EXPECT_FALSE(controller_.Update(kOurs, request).ok());
  EXPECT_EQ(step_of("menu").status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(step_of("").ok());

  client_.controls.answer = providers::Controlled();
  EXPECT_TRUE(controller_.Update(kOurs, request).ok());
  EXPECT_TRUE(step_of("menu").ok());
  EXPECT_FALSE(controller_.Update(kTheirs, request).ok());
}

TEST_F(CallControllerTest, WhatProvidersWereAskedIsNoted) {
  const std::string call_id = Answered();
  ASSERT_TRUE(controller_.Hold(kOurs, HoldOf(call_id)).ok());
  while (*requests_.Flush()) {
  }
  EXPECT_EQ(Count("SELECT count(*) FROM provider_requests WHERE operation = 'place_call' AND outcome = 'placed'"), 1);
  EXPECT_EQ(Count("SELECT count(*) FROM provider_requests WHERE operation = 'hold' AND outcome = 'ok'"), 1);
}

TEST_F(CallControllerTest, ASilentCallIsAskedAboutAndItsEndIsEntered) {
  const std::string call_id = Answered();
  EXPECT_EQ(controller_.Inquire(kOurs, call_id).status().code(), absl::StatusCode::kUnavailable) << "nobody can tell";
  client_.fetched = ListedCall("external-1", clock_.Now());
  client_.fetched->event.set_status(CALL_STATUS_ANSWERED);
  EXPECT_EQ(*controller_.Inquire(kOurs, call_id), control::v1::CALL_LIFE_ALIVE);
  client_.fetched->event.set_status(CALL_STATUS_COMPLETED);
  client_.fetched->event.set_type(events::v1::CALL_EVENT_TYPE_ENDED);
  const size_t before = Outbox().size();
  EXPECT_EQ(*controller_.Inquire(kOurs, call_id), control::v1::CALL_LIFE_ENDED);
  EXPECT_EQ(Outbox().size(), before + 1) << "the missing fact";
  EXPECT_EQ(*controller_.Inquire(kTheirs, call_id), control::v1::CALL_LIFE_ENDED) << "there is no such call of theirs";
}

}  // namespace
}  // namespace trunkline::gateway
