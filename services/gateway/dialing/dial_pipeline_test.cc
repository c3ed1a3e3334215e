#include "services/gateway/dialing/dial_pipeline.h"

#include <atomic>
#include <thread>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::SizeIs;

using providers::DialOutcome;

class DialPipelineTest : public GatewayFixture {};

// An admission that counts, and refuses when told.
class CountingAdmission final : public Admission {
 public:
  absl::Status Acquire(const AdmissionRequest& /*request*/) override {
    ++held;
    if (on_acquire) on_acquire();
    return answer;
  }
  void Release(const AdmissionRequest& /*request*/) override { --held; }
  void NoteRefusal(const std::string& /*business_id*/, const std::string& /*provider_account_id*/) override {
    ++refusals;
  }
  std::atomic<int> held = 0;
  std::atomic<int> refusals = 0;
  absl::Status answer;
  std::function<void()> on_acquire;
};

class AdmittedDialTest : public GatewayFixture {
 protected:
  CountingAdmission counting_;
  DialPipeline admitted_{{ledger_, reader_, directory_, counting_, bots_, registry_, guard_, destinations_, requests_,
                          metrics_, clock_, [] {}},
                         {.provider_timeout = absl::Seconds(10), .margin = absl::Seconds(3)}};
};

TEST_F(DialPipelineTest, ACallIsPlacedAndItsFactsGoOut) {
  auto request = Request();
  request.add_tags("vip");
  (*request.mutable_custom_data())["order"] = "7";
  request.set_campaign_id("spring");
  const auto call = Place(request);
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(call->dial().resolved_by(), "reply");
  EXPECT_EQ(call->record().status(), calls::v1::CALL_STATUS_INITIATED);
  EXPECT_EQ(call->record().details().external_call_id(), "external-1");
  EXPECT_EQ(call->record().details().from(), kOurNumber);
  EXPECT_EQ(call->record().details().custom_data().at("order"), "7");

  ASSERT_THAT(client_.placed(), SizeIs(1));
  EXPECT_EQ(client_.placed()[0].call_id, call->record().call_id());
  EXPECT_EQ(client_.placed()[0].to, kCalled);
  EXPECT_EQ(client_.account().Credential("token"), "very secret");

  const auto facts = Outbox();
  ASSERT_THAT(facts, SizeIs(2));
  EXPECT_EQ(facts[0].fact().type(), events::v1::CALL_EVENT_TYPE_REQUESTED);
  EXPECT_EQ(facts[0].fact().details().campaign_id(), "spring");
  EXPECT_EQ(facts[1].fact().type(), events::v1::CALL_EVENT_TYPE_UPDATED);
  EXPECT_EQ(facts[1].fact().details().external_call_id(), "external-1");
  EXPECT_EQ(Read(call->record().call_id()).SerializeAsString(), call->SerializeAsString());
}

TEST_F(DialPipelineTest, TheSameRequestGivesTheSameCall) {
  const auto request = Request();
  const auto first = Place(request);
  const auto second = Place(request);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_EQ(first->record().call_id(), second->record().call_id());
  EXPECT_THAT(client_.placed(), SizeIs(1));
}

TEST_F(DialPipelineTest, TwentyAtOnceWithOneRequestIdPlaceOneCall) {
  const auto request = Request();
  std::vector<std::string> calls(20);
  {
    std::vector<std::jthread> threads;
    for (std::string& call_id : calls) {
      threads.emplace_back([&] {
        const auto call = Place(request);
        EXPECT_TRUE(call.ok()) << call.status();
        if (call.ok()) call_id = call->record().call_id();
      });
    }
  }
  EXPECT_THAT(client_.placed(), SizeIs(1));
  EXPECT_THAT(calls, ::testing::Each(calls[0]));
  EXPECT_EQ(Count("SELECT count(*) FROM dial_intents"), 1);
}

TEST_F(DialPipelineTest, ARequestIdWithAnotherBodyIsRefused) {
  auto request = Request();
  ASSERT_TRUE(Place(request).ok());
  request.add_tags("other");
  const absl::Status status = Place(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(status), Reason::REASON_REQUEST_ID_REUSED);
  // Another business may use the same id.
  request.clear_tags();
  EXPECT_TRUE(pipeline_.Initiate(CallerOf(kTheirs), request).ok());
  EXPECT_THAT(client_.placed(), SizeIs(2));
}

TEST_F(DialPipelineTest, ARefusalByTheProviderIsAFailedCall) {
  client_.on_place = [](const providers::DialRequest&) {
    DialOutcome outcome{.kind = DialOutcome::Kind::kRejected, .external_call_id = {}, .error = {}};
    outcome.error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
    return outcome;
  };
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_REJECTED);
  EXPECT_EQ(call->record().status(), calls::v1::CALL_STATUS_FAILED);
  EXPECT_EQ(call->record().error().code(), calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
  EXPECT_EQ(call->record().hangup().cause(), calls::v1::HANGUP_CAUSE_INVALID_NUMBER);
  EXPECT_EQ(Outbox()[1].fact().type(), events::v1::CALL_EVENT_TYPE_DIAL_PROBLEM);
}

TEST_F(DialPipelineTest, AnIntentThatWaitedTooLongIsNotDialled) {
  // The clock jumps between the commit and the question to the provider: facts_added is called in between.
  DialPipeline slow({ledger_, reader_, directory_, admission_, bots_, registry_, guard_, destinations_, requests_,
                     metrics_, clock_, [this] { clock_.Advance(absl::Seconds(60)); }},
                    {.provider_timeout = absl::Seconds(10), .margin = absl::Seconds(3)});
  const auto call = slow.Initiate(CallerOf(kOurs), Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_COMMITTED);
  EXPECT_THAT(client_.placed(), SizeIs(0));
}

TEST_F(AdmittedDialTest, NothingIsCommittedLongAfterItsSlotWasAskedFor) {
  // As a process that is stopped sees it.
  counting_.on_acquire = [this] { clock_.Advance(absl::Seconds(91)); };
  EXPECT_EQ(admitted_.Initiate(CallerOf(kOurs), Request()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(counting_.held, 0);
  EXPECT_EQ(Count("SELECT count(*) FROM dial_intents"), 0);
  EXPECT_THAT(client_.placed(), SizeIs(0));
}

TEST_F(AdmittedDialTest, AfterItsBotIsReadyACallMustStillHaveItsSlot) {
  auto request = Request();
  request.mutable_warm_up()->set_url("https://bots.example/warm");
  counting_.on_acquire = [&] {
    if (bot_requests_ == 1)
      counting_.answer = Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "full");
  };
  EXPECT_EQ(ReasonOf(admitted_.Initiate(CallerOf(kOurs), request).status()), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(bot_requests_, 1);
  EXPECT_EQ(Count("SELECT count(*) FROM dial_intents"), 0);
  EXPECT_THAT(client_.placed(), SizeIs(0));
}

TEST_F(AdmittedDialTest, ASlotIsHeldBeforeTheCommitAndGivenBackWithoutOne) {
  ASSERT_TRUE(admitted_.Initiate(CallerOf(kOurs), Request()).ok());
  EXPECT_EQ(counting_.held, 1);
  Run("REVOKE INSERT ON dial_intents FROM trunkline_gateway");
  EXPECT_EQ(admitted_.Initiate(CallerOf(kOurs), Request()).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(counting_.held, 1);
  EXPECT_THAT(client_.placed(), SizeIs(1));

  counting_.answer = Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED, "full");
  EXPECT_EQ(ReasonOf(admitted_.Initiate(CallerOf(kOurs), Request()).status()), Reason::REASON_LIMIT_REACHED);
  EXPECT_EQ(Count("SELECT count(*) FROM dial_intents"), 1);
}

TEST_F(DialPipelineTest, ABotIsReadyBeforeTheCallIsCommittedAndTheCallTellsHow) {
  auto request = Request();
  request.mutable_warm_up()->set_url("https://bots.example/warm");
  const auto call = Place(request);
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(bot_requests_, 1);
  EXPECT_EQ(call->record().details().warm_up().tries(), 1);
  // The request that comes again is the same call, and needs no bot.
  ASSERT_TRUE(Place(request).ok());
  EXPECT_EQ(bot_requests_, 1);
}

TEST_F(AdmittedDialTest, WithoutItsBotACallIsNotDialledAndItsSlotIsGivenBack) {
  auto request = Request();
  request.mutable_warm_up()->set_url("https://bots.example/warm");
  bot_answer_ = absl::DeadlineExceededError("no answer");
  EXPECT_EQ(ReasonOf(admitted_.Initiate(CallerOf(kOurs), request).status()), Reason::REASON_WARM_UP_FAILED);
  EXPECT_EQ(counting_.held, 0);
  EXPECT_THAT(client_.placed(), SizeIs(0));
  EXPECT_EQ(Count("SELECT count(*) FROM call_requests"), 0);
  // Nothing stands in the way of the next try.
  bot_answer_ = http::Response{.status = 200};
  EXPECT_TRUE(admitted_.Initiate(CallerOf(kOurs), request).ok());
}

TEST_F(AdmittedDialTest, WhoGrantsSlotsIsToldThatTheProviderTakesNoMoreCalls) {
  providers::DialOutcome refused{.kind = providers::DialOutcome::Kind::kRejected};
  refused.error.set_code(calls::v1::CALL_ERROR_CODE_REJECTED);
  client_.on_place = [&](const providers::DialRequest&) { return refused; };
  ASSERT_TRUE(admitted_.Initiate(CallerOf(kOurs), Request()).ok());
  EXPECT_EQ(counting_.refusals, 0);
  refused.error.set_code(calls::v1::CALL_ERROR_CODE_RATE_LIMITED);
  ASSERT_TRUE(admitted_.Initiate(CallerOf(kOurs), Request()).ok());
  EXPECT_EQ(counting_.refusals, 1);
}

TEST_F(DialPipelineTest, EveryReasonThatMakesACallImpossibleIsTold) {
  auto request = Request();
  request.set_provider_account_id(their_account_);
  EXPECT_EQ(ReasonOf(Place(request).status()), Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND);
  request = Request();
  request.set_from(kTheirNumber);
  EXPECT_EQ(ReasonOf(Place(request).status()), Reason::REASON_NUMBER_NOT_OWNED);
  Run("UPDATE business_phone_numbers SET is_default = false");
  directory_.Invalidate();
  EXPECT_EQ(ReasonOf(Place(Request()).status()), Reason::REASON_NO_DEFAULT_NUMBER);
  Run("UPDATE telephony_providers SET enabled = false");
  directory_.Invalidate();
  EXPECT_EQ(ReasonOf(Place(Request()).status()), Reason::REASON_PROVIDER_ACCOUNT_DISABLED);
  Run("UPDATE telephony_providers SET is_default = false");
  directory_.Invalidate();
  EXPECT_EQ(ReasonOf(Place(Request()).status()), Reason::REASON_NO_DEFAULT_PROVIDER_ACCOUNT);
  EXPECT_THAT(client_.placed(), SizeIs(0));
}

TEST_F(DialPipelineTest, ANumberAddedAMomentAgoWorksAtOnce) {
  ASSERT_TRUE(Place(Request()).ok());
  // Behind the back of this process.
  Run(Concat("INSERT INTO business_phone_numbers (number, business_id, provider_account_id) VALUES ('+12025550177', '",
             kOurs, "', '", our_account_, "')"));
  auto request = Request();
  request.set_from("+12025550177");
  EXPECT_TRUE(Place(request).ok());
}

TEST_F(DialPipelineTest, EndingAsksTheProviderOnceTheCallIsKnown) {
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok());
  const auto ended = ender_.End(kOurs, call->record().call_id());
  ASSERT_TRUE(ended.ok()) << ended.status();
  EXPECT_THAT(client_.ended(), ::testing::ElementsAre("external-1"));
  EXPECT_TRUE(ended->record().details().end_requested());
  EXPECT_EQ(Outbox().back().fact().type(), events::v1::CALL_EVENT_TYPE_END_REQUESTED);

  Normalize({Webhook(*call, "external-1", calls::v1::CALL_STATUS_COMPLETED)});
  EXPECT_TRUE(ender_.End(kOurs, call->record().call_id()).ok());
  EXPECT_THAT(client_.ended(), SizeIs(1));
}

TEST_F(DialPipelineTest, AnEndThatTheProviderRefusesLeavesNoFact) {
  const auto call = Place(Request());
  client_.end_answer = absl::UnavailableError("away");
  EXPECT_EQ(ReasonOf(ender_.End(kOurs, call->record().call_id()).status()), Reason::REASON_PROVIDER_UNAVAILABLE);
  EXPECT_THAT(Outbox(), SizeIs(2));
}

TEST_F(DialPipelineTest, ACallInDoubtCannotBeEndedYet) {
  client_.on_place = [](const providers::DialRequest&) { return DialOutcome(); };
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  EXPECT_EQ(call->record().status(), calls::v1::CALL_STATUS_INITIATED);
  EXPECT_EQ(ReasonOf(ender_.End(kOurs, call->record().call_id()).status()), Reason::REASON_DIAL_IN_DOUBT);
}

TEST_F(AdmittedDialTest, AfterItsTimeByTheDatabasesClockACallIsNotDialled) {
  auto request = Request();
  // The test's clock stands still; what counts is the database's.
  *request.mutable_dial_before() = telephony::ToProto(absl::Now() - absl::Seconds(1));
  const auto late = admitted_.Initiate(CallerOf(kOurs), request);
  EXPECT_EQ(late.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(ReasonOf(late.status()), Reason::REASON_DIAL_TOO_LATE);
  EXPECT_THAT(client_.placed(), SizeIs(0));
  EXPECT_EQ(Count("SELECT count(*) FROM call_requests"), 0) << "nothing is written";
  EXPECT_EQ(Count("SELECT count(*) FROM call_facts_outbox"), 0);
  EXPECT_EQ(counting_.held, 0) << "its slot goes back";
  *request.mutable_dial_before() = telephony::ToProto(absl::Now() + absl::Hours(1));
  EXPECT_TRUE(admitted_.Initiate(CallerOf(kOurs), request).ok()) << "the same request, in time";
}

TEST_F(DialPipelineTest, UntilWhenAndWithWhichSlotIsNoPartOfTheWish) {
  auto request = Request();
  *request.mutable_dial_before() = telephony::ToProto(absl::Now() + absl::Hours(1));
  request.set_slot_id(NewId());
  const auto first = Place(request);
  ASSERT_TRUE(first.ok()) << first.status();
  *request.mutable_dial_before() = telephony::ToProto(absl::Now() - absl::Hours(1));
  request.set_slot_id(NewId());
  const auto again = Place(request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->record().call_id(), first->record().call_id());
  EXPECT_THAT(client_.placed(), SizeIs(1));
}

TEST_F(DialPipelineTest, WhatBecameOfARequestIsFound) {
  const std::string unknown = NewId();
  const auto none = ledger_.SettleRequest(kOurs, unknown);
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_EQ(none->call_id, "");
  EXPECT_LT(absl::AbsDuration(none->now - absl::Now()), absl::Minutes(1));
  EXPECT_EQ(Count("SELECT count(*) FROM call_requests"), 0) << "the question leaves nothing behind";
  const auto request = Request();
  const auto call = Place(request);
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(ledger_.SettleRequest(kOurs, request.request_id())->call_id, call->record().call_id());
  EXPECT_EQ(ledger_.SettleRequest(kTheirs, request.request_id())->call_id, "");
}

TEST_F(DialPipelineTest, WhoeverAsksAboutARequestWaitsForTheTransactionThatCommitsIt) {
  const std::string request_id = NewId();
  const std::string call_id = NewId();
  auto committing = *postgres::Connection::Open(database_.UrlOf("trunkline_gateway"));
  committing->Begin(kOurs);
  ASSERT_TRUE(
      committing->transaction()
          .Execute("INSERT INTO call_requests (business_id, request_id, body_sha256, call_id) VALUES ($1, $2, '', "
                   "$3)",
                   {kOurs, request_id, call_id})
          .ok());
  absl::StatusOr<SettledRequest> settled;
  std::jthread asking([&] { settled = ledger_.SettleRequest(kOurs, request_id); });
  while (Count("SELECT count(*) FROM pg_locks WHERE NOT granted") == 0) {
  }
  ASSERT_TRUE(committing->Commit().ok());
  asking.join();
  ASSERT_TRUE(settled.ok()) << settled.status();
  EXPECT_EQ(settled->call_id, call_id);
}

}  // namespace
}  // namespace trunkline::gateway
