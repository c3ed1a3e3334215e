#include "services/gateway/dialing/dial_reconciler.h"

#include "libs/base/text.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::SizeIs;

using control::v1::Call;
using providers::DialOutcome;

class DialReconcilerTest : public GatewayFixture {
 protected:
  DialReconcilerTest() {
    client_.on_place = [](const providers::DialRequest&) { return DialOutcome(); };
  }
  Call InDoubt() { return *Place(Request()); }
  // A dial that was committed, and whose gateway died before it had an answer.
  Call Crashed() {
    const Call call = InDoubt();
    Run(Concat(
        "UPDATE dial_intents SET state = 'committed', check_at = committed_at + interval '16 s' WHERE call_id = '",
        call.record().call_id(), "'"));
    return Read(call.record().call_id());
  }
};

TEST_F(DialReconcilerTest, AWebhookResolvesADial) {
  const Call call = InDoubt();
  Normalize({Webhook(call, "external-9", calls::v1::CALL_STATUS_RINGING)});
  clock_.Advance(absl::Seconds(3));
  Reconcile();
  const Call found = Read(call.record().call_id());
  EXPECT_EQ(found.dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(found.dial().resolved_by(), "webhook");
}

TEST_F(DialReconcilerTest, TheListingResolvesADial) {
  const Call call = InDoubt();
  client_.listed = std::vector{ListedCall("external-9", clock_.Now() + absl::Seconds(1))};
  clock_.Advance(absl::Seconds(3));
  Reconcile();
  const Call found = Read(call.record().call_id());
  EXPECT_EQ(found.dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(found.dial().resolved_by(), "listing");
  EXPECT_EQ(found.record().details().external_call_id(), "external-9");
  EXPECT_EQ(found.record().status(), calls::v1::CALL_STATUS_RINGING);
  EXPECT_THAT(client_.placed(), SizeIs(1));
}

TEST_F(DialReconcilerTest, NothingListedIsNotPlacedOnlyAfterTheListingHadTime) {
  const Call call = InDoubt();
  clock_.Advance(absl::Seconds(30));
  Reconcile();
  EXPECT_EQ(Read(call.record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  clock_.Advance(absl::Seconds(7));
  Reconcile();
  const Call found = Read(call.record().call_id());
  EXPECT_EQ(found.dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_EQ(found.record().status(), calls::v1::CALL_STATUS_FAILED);
  EXPECT_TRUE(found.record().error().retryable());
  EXPECT_EQ(Outbox().back().fact().type(), events::v1::CALL_EVENT_TYPE_DIAL_PROBLEM);
}

TEST_F(DialReconcilerTest, ACrashAfterTheCommitIsFoundOutAndNeverDialledAgain) {
  const Call placed = Crashed();
  client_.listed = std::vector{ListedCall("external-9", clock_.Now())};
  clock_.Advance(absl::Seconds(15));
  Reconcile();
  EXPECT_EQ(Read(placed.record().call_id()).dial().state(), control::v1::DIAL_STATE_COMMITTED);  // not due yet
  clock_.Advance(absl::Seconds(2));
  Reconcile();
  EXPECT_EQ(Read(placed.record().call_id()).dial().state(), control::v1::DIAL_STATE_PLACED);

  const Call lost = Crashed();
  clock_.Advance(absl::Seconds(40));
  Reconcile();
  EXPECT_EQ(Read(lost.record().call_id()).dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_THAT(client_.placed(), SizeIs(2));
}

TEST_F(DialReconcilerTest, AProviderThatIsAwayLeavesTheDialInDoubt) {
  const Call call = InDoubt();
  client_.listed = absl::UnavailableError("away");
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(absl::Minutes(5));
    Reconcile();
  }
  EXPECT_EQ(Read(call.record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  client_.listed = std::vector{ListedCall("external-9", absl::FromUnixSeconds(1'780'000'000))};
  clock_.Advance(absl::Minutes(5));
  Reconcile();
  EXPECT_EQ(Read(call.record().call_id()).dial().state(), control::v1::DIAL_STATE_PLACED);
}

TEST_F(DialReconcilerTest, WhoListsLiveCallsOnlyCannotTellThatACallWasNotPlaced) {
  client_.features = {providers::v1::FEATURE_LIST_LIVE_CALLS};
  const Call call = InDoubt();
  clock_.Advance(absl::Hours(24));
  Reconcile();
  EXPECT_EQ(Read(call.record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
}

TEST_F(DialReconcilerTest, TheBusinessDecidesWhenNobodyCanTell) {
  client_.features = {};
  Run(R"(UPDATE telephony_providers SET settings = '{"dial_doubt_residue": "not_placed", "dial_doubt_wait": "60"}')");
  directory_.Invalidate();
  const Call call = InDoubt();
  clock_.Advance(absl::Seconds(70));
  Reconcile();
  EXPECT_EQ(Read(call.record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  clock_.Advance(absl::Seconds(10));
  Reconcile();
  EXPECT_EQ(Read(call.record().call_id()).dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_EQ(Read(call.record().call_id()).dial().resolved_by(), "policy");
}

TEST_F(DialReconcilerTest, TheTimeOfTheDecisionIsNotSleptOver) {
  client_.features = {};
  Run(R"(UPDATE telephony_providers SET settings = '{"dial_doubt_residue": "not_placed", "dial_doubt_wait": "60"}')");
  directory_.Invalidate();
  const Call call = InDoubt();
  for (int second = 0; second < 80; ++second) {
    clock_.Advance(absl::Seconds(1));
    Reconcile();
  }
  EXPECT_EQ(Read(call.record().call_id()).dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
}

TEST_F(DialReconcilerTest, ACallThatSaysWhoseItIsNeedsNoGuess) {
  const Call first = InDoubt();
  const Call second = InDoubt();
  providers::ProviderCall listed = ListedCall("external-9", clock_.Now());
  listed.call_id = second.record().call_id();
  client_.listed = std::vector{listed};
  clock_.Advance(absl::Seconds(3));
  Reconcile();
  EXPECT_EQ(Read(first.record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  EXPECT_EQ(Read(second.record().call_id()).dial().state(), control::v1::DIAL_STATE_PLACED);
}

TEST_F(DialReconcilerTest, OneListedCallIsNotGivenToTwoDials) {
  const Call first = InDoubt();
  const Call second = InDoubt();
  client_.listed = std::vector{ListedCall("external-9", clock_.Now())};
  clock_.Advance(absl::Seconds(60));
  Reconcile();
  // One of the two was placed, and nobody can tell which.
  EXPECT_EQ(Read(first.record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  EXPECT_EQ(Read(second.record().call_id()).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  // A webhook tells: the call is the second's, and the first was not placed.
  Normalize({Webhook(second, "external-9", calls::v1::CALL_STATUS_RINGING)});
  clock_.Advance(absl::Minutes(10));
  Reconcile();
  EXPECT_EQ(Read(first.record().call_id()).dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_EQ(Read(second.record().call_id()).dial().state(), control::v1::DIAL_STATE_PLACED);
}

TEST_F(DialReconcilerTest, AWebhookTakesBackWhatTheListingWasReadFor) {
  const Call first = InDoubt();
  client_.listed = std::vector{ListedCall("external-9", clock_.Now())};
  clock_.Advance(absl::Seconds(3));
  Reconcile();
  ASSERT_EQ(Read(first.record().call_id()).dial().resolved_by(), "listing");
  const Call second = InDoubt();
  Normalize({Webhook(second, "external-9", calls::v1::CALL_STATUS_RINGING)});
  clock_.Advance(absl::Seconds(60));
  client_.listed = std::vector<providers::ProviderCall>();
  Reconcile();
  Reconcile();
  EXPECT_EQ(Read(second.record().call_id()).dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(Read(first.record().call_id()).dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
}

TEST_F(DialReconcilerTest, TheReplyAndTheReconcilerDoNotOverwriteEachOther) {
  const Call call = InDoubt();
  client_.listed = std::vector{ListedCall("external-9", clock_.Now())};
  clock_.Advance(absl::Seconds(3));
  Reconcile();
  // The reply comes after all, and says no.
  DialResolution late;
  late.state = control::v1::DIAL_STATE_REJECTED;
  late.resolved_by = "reply";
  late.at = clock_.Now();
  const auto view = ledger_.Resolve({.call_id = call.record().call_id(),
                                     .business_id = kOurs,
                                     .provider = "scripted",
                                     .provider_account_id = our_account_,
                                     .traceparent = ""},
                                    late);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(view->state, control::v1::DIAL_STATE_PLACED);
}

TEST_F(DialReconcilerTest, ADialInDoubtIsCounted) {
  InDoubt();
  ASSERT_TRUE(reconciler_.Measure().ok());
  EXPECT_THAT(registry_of_metrics_.Text(), ::testing::HasSubstr("trunkline_gateway_unresolved_dials 1"));
}

}  // namespace
}  // namespace trunkline::gateway
