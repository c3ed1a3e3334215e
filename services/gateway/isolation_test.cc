// Promise 8: a business sees its own data only, by row-level security and not by the care of each query.
#include "libs/access/api_key_authenticator.h"
#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "services/gateway/api/refused_webhook_store.h"
#include "services/gateway/testing/gateway_fixture.h"

namespace trunkline::gateway {
namespace {

class IsolationTest : public GatewayFixture {
 protected:
  IsolationTest() : call_(*Place(Request())) {}
  const std::string& id() const { return call_.record().call_id(); }
  control::v1::Call call_;
};

TEST_F(IsolationTest, AnotherBusinessCannotReadListOrEndACall) {
  for (const bool normalized : {false, true}) {
    if (normalized) Normalize({Webhook(call_, "external-1", calls::v1::CALL_STATUS_RINGING)});
    EXPECT_EQ(ReasonOf(reader_.Get(kTheirs, id()).status()), Reason::REASON_CALL_NOT_FOUND);
    EXPECT_EQ(reader_.List(kTheirs, {})->calls_size(), 0);
    EXPECT_EQ(reader_.List(kOurs, {})->calls_size(), 1);
    EXPECT_EQ(ReasonOf(ender_.End(kTheirs, id()).status()), Reason::REASON_CALL_NOT_FOUND);
  }
  EXPECT_TRUE(client_.ended().empty());
}

TEST_F(IsolationTest, AnotherBusinessCannotReadOrChangeAnAccount) {
  EXPECT_EQ(ReasonOf(account_commands_.Get(CallerOf(kTheirs), our_account_).status()),
            Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND);
  EXPECT_EQ(ReasonOf(account_commands_.Validate(CallerOf(kTheirs), our_account_).status()),
            Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND);
  accounts::v1::UpdateProviderAccountRequest request;
  request.mutable_account()->set_provider_account_id(our_account_);
  request.mutable_update_mask()->add_paths("enabled");
  EXPECT_EQ(ReasonOf(account_commands_.Update(CallerOf(kTheirs), request).status()),
            Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND);
  EXPECT_EQ(account_commands_.List(CallerOf(kTheirs), {})->accounts_size(), 1);
  accounts::v1::PhoneNumber number;
  number.set_number(kOurNumber);
  number.set_provider_account_id(their_account_);
  EXPECT_EQ(ReasonOf(account_commands_.PutNumber(CallerOf(kTheirs), number).status()), Reason::REASON_NUMBER_NOT_OWNED);
}

TEST_F(IsolationTest, AnotherBusinessGetsNoPlan) {
  plans::v1::GetCallPlanRequest request;
  request.set_business_id(kOurs);
  request.set_call_id(id());
  EXPECT_EQ(plans_.Get(request)->verbs(0).say().text(), "hello");
  request.set_business_id(kTheirs);
  EXPECT_EQ(ReasonOf(plans_.Get(request).status()), Reason::REASON_NO_CALL_PLAN);

  accounts::v1::PhoneNumber number;
  number.set_number(kOurNumber);
  number.set_provider_account_id(our_account_);
  number.mutable_inbound_plan()->add_verbs()->mutable_hangup();
  ASSERT_TRUE(account_commands_.PutNumber(CallerOf(kOurs), number).ok());
  request.set_call_id(NewId());
  request.set_inbound(true);
  request.set_to(kOurNumber);
  EXPECT_EQ(ReasonOf(plans_.Get(request).status()), Reason::REASON_NO_CALL_PLAN);
  request.set_business_id(kOurs);
  EXPECT_TRUE(plans_.Get(request)->verbs(0).has_hangup());
}

TEST_F(IsolationTest, TheDatabaseRefusesEvenAQueryThatForgetsTheBusiness) {
  Normalize({Webhook(call_, "external-1", calls::v1::CALL_STATUS_RINGING)});
  for (const char* table :
       {"dial_intents", "call_requests", "call_queue", "telephony_providers", "business_phone_numbers"}) {
    const auto count = [&](postgres::Transaction& tx) -> absl::StatusOr<int64_t> {
      TL_ASSIGN_OR_RETURN(const postgres::Result rows, tx.Execute(Concat("SELECT count(*) FROM ", table)));
      return rows.Integer(0, 0);
    };
    EXPECT_EQ(*pool_.InTransaction(count), 0) << table;
    EXPECT_EQ(*pool_.InBusiness(kOurs, count), 1) << table;
  }
  const absl::Status written = pool_.InBusiness(
      kTheirs, [&](postgres::Transaction& tx) { return WriteAudit(tx, kOurs, "test", "forged", "x", {}); });
  EXPECT_EQ(written.code(), absl::StatusCode::kPermissionDenied);
}

TEST_F(IsolationTest, AKeyOpensItsBusinessUntilItIsRevoked) {
  access::ApiKeyAuthenticator authenticator(pool_, clock_, {});
  const std::string key = "tl_" + std::string(43, 'k');
  EXPECT_EQ(ReasonOf(authenticator.Authenticate(key).status()), Reason::REASON_UNAUTHENTICATED);
  Run(Concat("INSERT INTO api_keys (api_key_id, business_id, name, key_sha256) VALUES ('", NewId(), "', '", kOurs,
             "', 'test', decode('", HexEncode(Sha256(key)), "', 'hex'))"));
  EXPECT_FALSE(authenticator.Authenticate(key).ok());  // remembered as unknown
  clock_.Advance(absl::Seconds(31));
  EXPECT_EQ(authenticator.Authenticate(key)->business_id, kOurs);
  Run("UPDATE api_keys SET revoked_at = now()");
  EXPECT_TRUE(authenticator.Authenticate(key).ok());
  clock_.Advance(absl::Seconds(31));
  EXPECT_EQ(ReasonOf(authenticator.Authenticate(key).status()), Reason::REASON_UNAUTHENTICATED);
  EXPECT_FALSE(authenticator.Authenticate("tl_short").ok());
  EXPECT_FALSE(authenticator.Authenticate("").ok());
}

TEST_F(IsolationTest, RefusedWebhooksAreWrittenOnceAndBelongToTheAccountsBusiness) {
  RefusedWebhookStore store(worker_pool_);
  audit::v1::RecordRefusedWebhooksRequest request;
  for (const std::string& account : {our_account_, NewId(), std::string("no id")}) {
    auto* webhook = request.add_webhooks();
    webhook->set_webhook_id(NewId());
    webhook->mutable_received_at()->set_seconds(absl::ToUnixSeconds(clock_.Now()));
    webhook->set_provider_account_id(account);
    webhook->set_path(std::string("/x\xFF") + std::string(5'000, 'y'));
    webhook->set_reason("SIGNATURE_MISMATCH");
  }
  ASSERT_TRUE(store.Record(request).ok());
  ASSERT_TRUE(store.Record(request).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM webhook_logs WHERE outcome = 'refused'"), 3);
  EXPECT_EQ(Count(Concat("SELECT count(*) FROM webhook_logs WHERE business_id = '", kOurs, "'")), 1);
  for (int i = 0; i < 1'000; ++i) *request.add_webhooks() = request.webhooks(0);
  EXPECT_EQ(store.Record(request).code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace trunkline::gateway
