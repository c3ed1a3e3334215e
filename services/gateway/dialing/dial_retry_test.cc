// Dials that were found out as not placed, and the policy of their account.
#include "services/gateway/dialing/dial_retry.h"

#include "libs/base/text.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

using ::testing::SizeIs;

using control::v1::Call;
using providers::DialOutcome;

// By now the provider's list tells that a dial was not placed.
constexpr absl::Duration kSettled = absl::Seconds(37);

class DialRetryTest : public GatewayFixture {
 protected:
  DialRetryTest() {
    Policy(1, absl::Minutes(5));
    client_.on_place = [this](const providers::DialRequest&) {
      return client_.placed().size() == 1 ? DialOutcome() : second_;
    };
  }
  void Policy(int attempts, absl::Duration longest_age) {
    accounts::v1::UpdateProviderAccountRequest request;
    request.mutable_account()->set_provider_account_id(our_account_);
    request.mutable_account()->mutable_retry_not_placed()->set_attempts(attempts);
    request.mutable_account()->mutable_retry_not_placed()->mutable_longest_age()->set_seconds(
        absl::ToInt64Seconds(longest_age));
    request.mutable_update_mask()->add_paths("retry_not_placed");
    const auto updated = account_commands_.Update(CallerOf(kOurs), request);
    EXPECT_TRUE(updated.ok()) << updated.status();
  }
  Call InDoubt() {
    auto request = Request();
    request.mutable_ring_timeout()->set_seconds(33);
    request.set_record(true);
    const Call call = *Place(request);
    EXPECT_EQ(call.dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
    return call;
  }
  Call After(absl::Duration duration, const Call& call) {
    clock_.Advance(duration);
    Reconcile();
    return Read(call.record().call_id());
  }

  DialOutcome second_ = {.kind = DialOutcome::Kind::kPlaced, .external_call_id = "external-2", .error = {}};
};

TEST_F(DialRetryTest, ADialThatWasNotPlacedIsTriedAgainUnderTheSameCall) {
  const Call call = After(kSettled, InDoubt());
  EXPECT_EQ(call.dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(call.record().status(), calls::v1::CALL_STATUS_INITIATED);
  EXPECT_EQ(call.record().details().external_call_id(), "external-2");
  ASSERT_EQ(call.dial().attempts_size(), 2);
  EXPECT_EQ(call.dial().attempts(0).state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_EQ(call.dial().attempts(0).resolved_by(), "listing");
  EXPECT_EQ(call.dial().attempts(1).state(), control::v1::DIAL_STATE_PLACED);
  ASSERT_THAT(client_.placed(), SizeIs(2));
  EXPECT_EQ(client_.placed()[1].call_id, client_.placed()[0].call_id);
  EXPECT_EQ(client_.placed()[1].options.ring_timeout, absl::Seconds(33));
  EXPECT_TRUE(client_.placed()[1].options.record);
  EXPECT_EQ(client_.placed()[1].options.from, kOurNumber);
  std::set<std::string> ids;
  for (const auto& message : Outbox()) ids.insert(message.fact().event_id());
  EXPECT_THAT(ids, SizeIs(5));
}

TEST_F(DialRetryTest, WithoutAPolicyNothingIsTriedAgain) {
  Policy(0, absl::Minutes(5));
  const Call call = After(kSettled, InDoubt());
  EXPECT_EQ(call.dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_THAT(client_.placed(), SizeIs(1));
}

TEST_F(DialRetryTest, ItIsTriedAgainAsOftenAsThePolicySays) {
  second_ = DialOutcome();
  const Call first = InDoubt();
  EXPECT_EQ(After(kSettled, first).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  EXPECT_THAT(client_.placed(), SizeIs(2));
  const Call call = After(kSettled, first);
  EXPECT_EQ(call.dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_EQ(call.record().status(), calls::v1::CALL_STATUS_FAILED);
  EXPECT_THAT(client_.placed(), SizeIs(2));
  EXPECT_EQ(call.dial().attempts_size(), 2);
}

TEST_F(DialRetryTest, NobodyIsRungWhenItIsTooLate) {
  Policy(1, absl::Seconds(36));
  const Call call = After(kSettled, InDoubt());
  EXPECT_EQ(call.dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_THAT(client_.placed(), SizeIs(1));
}

TEST_F(DialRetryTest, ACallThatAWebhookKnowsIsNotTriedAgain) {
  const Call doubtful = InDoubt();
  Normalize({Webhook(doubtful, "external-9", calls::v1::CALL_STATUS_RINGING)});
  const Call call = After(kSettled, doubtful);
  EXPECT_EQ(call.dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_THAT(client_.placed(), SizeIs(1));
}

TEST_F(DialRetryTest, ACallThatMayBeAmongTheListedIsNotTriedAgain) {
  InDoubt();
  client_.on_place = [](const providers::DialRequest&) { return DialOutcome(); };
  ASSERT_TRUE(Place(Request()).ok());
  // One call for two dials: nobody can tell which was placed.
  client_.listed = std::vector{ListedCall("external-9", clock_.Now())};
  clock_.Advance(kSettled);
  Reconcile();
  EXPECT_THAT(client_.placed(), SizeIs(2));
}

TEST_F(DialRetryTest, ARetryWaitsForTheAccountsRate) {
  const Call doubtful = InDoubt();
  Run("UPDATE telephony_providers SET calls_per_minute = 1");
  directory_.Invalidate();
  const auto take = pool_.InBusiness(kOurs, [&](postgres::Transaction& tx) {
    return TakeRate(tx, our_account_, kOurs, {{.name = "calls_per_minute", .window = absl::Minutes(1), .most = 1}});
  });
  ASSERT_TRUE(take.ok()) << take.status();
  EXPECT_EQ(After(kSettled, doubtful).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  EXPECT_THAT(client_.placed(), SizeIs(1));
  Run("UPDATE rate_takes SET at = at - interval '1 minute'");
  EXPECT_EQ(After(absl::Minutes(1), doubtful).dial().state(), control::v1::DIAL_STATE_PLACED);
}

TEST_F(DialRetryTest, AnAccountThatRestsIsWaitedForAsLongAsTheCallIsYoung) {
  const Call doubtful = InDoubt();
  DialOutcome busy{.kind = DialOutcome::Kind::kRejected, .external_call_id = {}, .error = {}};
  busy.retry_after = absl::Minutes(10);
  guard_.Note(our_account_, busy);
  EXPECT_EQ(After(kSettled, doubtful).dial().state(), control::v1::DIAL_STATE_IN_DOUBT);
  EXPECT_EQ(After(absl::Minutes(6), doubtful).dial().state(), control::v1::DIAL_STATE_NOT_PLACED);
  EXPECT_THAT(client_.placed(), SizeIs(1));
}

TEST_F(DialRetryTest, ARetryWhoseGatewayDiedIsFoundOutLikeAnyAttempt) {
  const Call doubtful = InDoubt();
  client_.on_place = [this](const providers::DialRequest&) {
    return DialOutcome{.kind = DialOutcome::Kind::kPlaced, .external_call_id = "external-2", .error = {}};
  };
  ASSERT_EQ(After(kSettled, doubtful).dial().state(), control::v1::DIAL_STATE_PLACED);
  // As if the answer had not been recorded.
  Run("UPDATE dial_intents SET state = 'committed', external_call_id = NULL, resolved_by = NULL, resolved_at = NULL");
  client_.listed = std::vector{ListedCall("external-2", clock_.Now())};
  const Call call = After(kSettled, doubtful);
  EXPECT_EQ(call.dial().state(), control::v1::DIAL_STATE_PLACED);
  EXPECT_EQ(call.dial().resolved_by(), "listing");
  EXPECT_THAT(client_.placed(), SizeIs(2));
}

}  // namespace
}  // namespace trunkline::gateway
