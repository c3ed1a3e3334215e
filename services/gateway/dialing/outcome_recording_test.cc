// The two commits of a dial under faults: their answers are lost, or the dial is changed while the provider is asked.
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/gateway/testing/gateway_fixture.h"
#include "tests/support/lossy_proxy.h"

namespace trunkline::gateway {
namespace {

using ::testing::SizeIs;

using providers::DialOutcome;

class OutcomeRecordingTest : public GatewayFixture {
 protected:
  DialOutcome Placed(const std::string& external_call_id) const {
    return {.kind = DialOutcome::Kind::kPlaced, .external_call_id = external_call_id, .error = {}};
  }
  CallIdentity IdentityOf(const std::string& call_id) const {
    return {.call_id = call_id,
            .business_id = kOurs,
            .provider = "scripted",
            .provider_account_id = our_account_,
            .traceparent = ""};
  }
  std::vector<events::v1::CallEventType> FactsInOutbox() {
    std::vector<events::v1::CallEventType> types;
    for (const webhooks::v1::RawWebhook& message : Outbox()) types.push_back(message.fact().type());
    return types;
  }

  // The ledger's way to PostgreSQL.
  testing_support::LossyProxy proxy_{database_.UrlOf("trunkline_gateway")};
  postgres::Pool far_pool_{{.url = proxy_.url(), .size = 2}};
  DialLedger far_ledger_{far_pool_};
  DialPipeline far_pipeline_{{far_ledger_, reader_, directory_, admission_, bots_, registry_, guard_, destinations_,
                              requests_, metrics_, clock_, [] {}},
                             {.provider_timeout = absl::Seconds(10), .margin = absl::Seconds(3)}};
};

TEST_F(OutcomeRecordingTest, AnIntentWhoseCommitWasNotHeardOfIsNeverDialled) {
  // The statement is prepared by the third time, and says less then.
  for (const int dials_before : {0, 3}) {
    for (int i = 0; i < dials_before; ++i) ASSERT_TRUE(far_pipeline_.Initiate(CallerOf(kOurs), Request()).ok());
    const size_t placed_before = client_.placed().size();
    const auto request = Request();
    proxy_.LoseAnswerTo(request.request_id());
    // The first to say the request_id is the question whether it is known, whose answer may be lost as well.
    EXPECT_EQ(far_pipeline_.Initiate(CallerOf(kOurs), request).status().code(), absl::StatusCode::kUnavailable);
    EXPECT_EQ(Count(Concat("SELECT count(*) FROM dial_intents WHERE call_id IN (SELECT call_id FROM call_requests ",
                           "WHERE request_id = '", request.request_id(), "')")),
              0);

    proxy_.LoseAnswerTo("Good morning to whom nobody heard");
    auto unheard = Request();
    unheard.mutable_plan()->mutable_verbs(0)->mutable_say()->set_text("Good morning to whom nobody heard");
    const absl::Status status = far_pipeline_.Initiate(CallerOf(kOurs), unheard).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
    EXPECT_THAT(client_.placed(), SizeIs(placed_before));

    // It is committed, so that the same request gives the call, which is looked after and not dialled.
    const auto again = far_pipeline_.Initiate(CallerOf(kOurs), unheard);
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(again->dial().state(), control::v1::DIAL_STATE_COMMITTED);
    clock_.Advance(absl::Minutes(5));
    Reconcile();
    EXPECT_EQ(Read(again->record().call_id()).dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
    EXPECT_THAT(client_.placed(), SizeIs(placed_before));
  }
}

TEST_F(OutcomeRecordingTest, AnOutcomeWhoseCommitWasNotHeardOfIsRecordedOnce) {
  for (int i = 1; i <= 4; ++i) {
    const std::string external_call_id = Concat("external of dial ", i);
    client_.on_place = [&](const providers::DialRequest&) { return Placed(external_call_id); };
    proxy_.LoseAnswerTo(external_call_id);
    const auto call = far_pipeline_.Initiate(CallerOf(kOurs), Request());
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_EQ(proxy_.lost(), i);
    EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_PLACED);
    EXPECT_EQ(Read(call->record().call_id()).SerializeAsString(), call->SerializeAsString());
    EXPECT_THAT(client_.placed(), SizeIs(i));
    EXPECT_THAT(Outbox(), SizeIs(2 * i));
  }
}

TEST_F(OutcomeRecordingTest, WhatIsToldWhileTheProviderIsAskedStays) {
  client_.on_place = [&](const providers::DialRequest& dial) {
    const CallIdentity call = IdentityOf(dial.call_id);
    EXPECT_TRUE(ledger_.AddFact(call, EndRequestedFact(call, clock_.Now()), clock_.Now()).ok());
    return Placed("external-1");
  };
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(call->record().details().external_call_id(), "external-1");
  EXPECT_TRUE(call->record().details().end_requested());
  EXPECT_THAT(FactsInOutbox(),
              ::testing::ElementsAre(events::v1::CALL_EVENT_TYPE_REQUESTED, events::v1::CALL_EVENT_TYPE_END_REQUESTED,
                                     events::v1::CALL_EVENT_TYPE_UPDATED));
}

TEST_F(OutcomeRecordingTest, WhoeverResolvesFirstIsRight) {
  client_.on_place = [&](const providers::DialRequest& dial) {
    const DialResolution by_webhook{.state = control::v1::DIAL_STATE_PLACED,
                                    .external_call_id = "external-1",
                                    .resolved_by = "webhook",
                                    .at = clock_.Now(),
                                    .check_at = clock_.Now(),
                                    .facts = {}};
    EXPECT_TRUE(ledger_.Resolve(IdentityOf(dial.call_id), by_webhook).ok());
    DialOutcome outcome{.kind = DialOutcome::Kind::kRejected, .external_call_id = {}, .error = {}};
    outcome.error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
    return outcome;
  };
  const auto call = Place(Request());
  ASSERT_TRUE(call.ok()) << call.status();
  EXPECT_EQ(call->dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(call->dial().resolved_by(), "webhook");
  EXPECT_THAT(FactsInOutbox(), ::testing::ElementsAre(events::v1::CALL_EVENT_TYPE_REQUESTED));
}

TEST_F(OutcomeRecordingTest, AReplyTakesBackWhatAListingWasReadFor) {
  client_.on_place = [](const providers::DialRequest&) { return DialOutcome(); };
  const auto first = Place(Request());
  ASSERT_TRUE(first.ok()) << first.status();
  client_.listed = std::vector{ListedCall("external-9", clock_.Now())};
  clock_.Advance(absl::Seconds(3));
  Reconcile();
  ASSERT_EQ(Read(first->record().call_id()).dial().resolved_by(), "listing");

  client_.on_place = [&](const providers::DialRequest&) { return Placed("external-9"); };
  const auto second = Place(Request());
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(Read(first->record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
}

TEST_F(OutcomeRecordingTest, OnlyWhatTheProviderWouldTellAgainIsNotOnTheDiskAtOnce) {
  ASSERT_TRUE(
      owner_
          .InTransaction([](postgres::Transaction& tx) {
            return tx.ExecuteScript(
                "CREATE TABLE commits (state text, waits text); CREATE FUNCTION note_commit() RETURNS trigger "
                "LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO commits VALUES (NEW.state, "
                "current_setting('synchronous_commit')); RETURN NULL; END $$; CREATE TRIGGER note_commits AFTER "
                "INSERT OR UPDATE ON dial_intents FOR EACH ROW EXECUTE FUNCTION note_commit()");
          })
          .ok());
  const auto commits = [this] {
    std::vector<std::string> told;
    const auto rows = owner_.InTransaction(
        [](postgres::Transaction& tx) { return tx.Execute("DELETE FROM commits RETURNING state || ' ' || waits"); });
    for (int i = 0; i < rows->size(); ++i) told.push_back(rows->String(i, 0));
    return told;
  };
  ASSERT_TRUE(Place(Request()).ok());
  EXPECT_THAT(commits(), ::testing::UnorderedElementsAre("committed on", "placed off"));

  client_.features = {providers::v1::FEATURE_PLACE_CALL, providers::v1::FEATURE_LIST_LIVE_CALLS};
  ASSERT_TRUE(Place(Request()).ok());
  EXPECT_THAT(commits(), ::testing::UnorderedElementsAre("committed on", "placed on"))
      << "a call that was forgotten and is over could not be found out about";

  client_.features = {providers::v1::FEATURE_PLACE_CALL, providers::v1::FEATURE_LIST_CALLS};
  client_.on_place = [](const providers::DialRequest&) {
    DialOutcome outcome{.kind = DialOutcome::Kind::kRejected, .external_call_id = {}, .error = {}};
    outcome.error.set_code(calls::v1::CALL_ERROR_CODE_INVALID_NUMBER);
    return outcome;
  };
  ASSERT_TRUE(Place(Request()).ok());
  EXPECT_THAT(commits(), ::testing::UnorderedElementsAre("committed on", "rejected on"))
      << "a number that was refused would be dialled again";
}

}  // namespace
}  // namespace trunkline::gateway
