#include "services/gateway/testing/gateway_fixture.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

GatewayFixture::GatewayFixture() {
  for (const char* business : {kOurs, kTheirs}) {
    Run(Concat("INSERT INTO businesses (business_id, name) VALUES ('", business, "', 'test')"));
  }
  our_account_ = AddAccount(kOurs, kOurNumber);
  their_account_ = AddAccount(kTheirs, kTheirNumber);
}

std::string GatewayFixture::AddAccount(const std::string& business_id, const std::string& number) {
  accounts::v1::ProviderAccount wanted;
  wanted.set_provider("scripted");
  (*wanted.mutable_credentials())["token"] = "very secret";
  wanted.set_enabled(true);
  wanted.set_is_default(true);
  const auto account = account_commands_.Create(CallerOf(business_id), wanted);
  EXPECT_TRUE(account.ok()) << account.status();
  accounts::v1::PhoneNumber phone_number;
  phone_number.set_number(number);
  phone_number.set_provider_account_id(account->id);
  phone_number.set_is_default(true);
  const auto put = account_commands_.PutNumber(CallerOf(business_id), phone_number);
  EXPECT_TRUE(put.ok()) << put.status();
  return account->id;
}

control::v1::InitiateCallRequest GatewayFixture::Request() const {
  control::v1::InitiateCallRequest request;
  request.set_request_id(NewId());
  request.set_to(kCalled);
  request.mutable_plan()->add_verbs()->mutable_say()->set_text("hello");
  return request;
}

std::string GatewayFixture::NewId() { return NewUuid(absl::Now()); }

void GatewayFixture::Normalize(const std::vector<events::v1::CallEvent>& facts) {
  calls::v1::CallState state;
  for (const events::v1::CallEvent& fact : facts) telephony::Merge(telephony::Lift(fact), &state);
  const calls::v1::CallRecord record = telephony::Project(state);
  const absl::Status written = owner_.InTransaction([&](Transaction& tx) -> absl::Status {
    for (const char* table : {"call_queue", "call_history"}) {
      TL_RETURN_IF_ERROR(tx.Execute(Concat("DELETE FROM ", table, " WHERE call_id = $1"), {state.call_id()}).status());
    }
    return tx
        .Execute(Concat("INSERT INTO ", telephony::IsEnded(record.status()) ? "call_history" : "call_queue",
                        " (call_id, business_id, provider, provider_account_id, external_call_id, direction, status, "
                        "from_number, to_number, campaign_id, started_at, last_event_at, state) "
                        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
                 {state.call_id(), state.business_id(), record.details().provider(),
                  Parameter::TextOrNull(record.details().provider_account_id()),
                  Parameter::TextOrNull(record.details().external_call_id()),
                  telephony::NameOf(record.details().direction()), telephony::NameOf(record.status()),
                  Parameter::TextOrNull(record.details().from()), Parameter::TextOrNull(record.details().to()),
                  Parameter::TextOrNull(record.details().campaign_id()),
                  absl::FromUnixMicros(telephony::StartedAtMicros(state)), telephony::FromProto(record.last_event_at()),
                  Parameter::Bytes(state.SerializeAsString())})
        .status();
  });
  EXPECT_TRUE(written.ok()) << written;
}

events::v1::CallEvent GatewayFixture::Webhook(const control::v1::Call& call, const std::string& external_call_id,
                                              calls::v1::CallStatus status) const {
  events::v1::CallEvent event;
  event.set_event_id(telephony::EventIdOf("test", "status", {external_call_id, telephony::NameOf(status)}));
  event.set_call_id(call.record().call_id());
  event.set_business_id(kOurs);
  event.set_type(telephony::IsEnded(status) ? events::v1::CALL_EVENT_TYPE_ENDED : events::v1::CALL_EVENT_TYPE_RINGING);
  event.set_status(status);
  event.set_source(events::v1::EVENT_SOURCE_PROVIDER);
  *event.mutable_occurred_at() = telephony::ToProto(clock_.Now());
  *event.mutable_details() = call.record().details();
  event.mutable_details()->set_external_call_id(external_call_id);
  return event;
}

void GatewayFixture::Reconcile() {
  absl::StatusOr<bool> more = true;
  while (more.ok() && *more) more = reconciler_.ReconcileOne();
  EXPECT_TRUE(more.ok()) << more.status();
}

std::vector<webhooks::v1::RawWebhook> GatewayFixture::Outbox() {
  std::vector<webhooks::v1::RawWebhook> messages;
  const absl::Status status = owner_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("SELECT message FROM call_facts_outbox ORDER BY outbox_id"));
    for (int i = 0; i < rows.size(); ++i) EXPECT_TRUE(messages.emplace_back().ParseFromString(rows.Bytes(i, 0)));
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  return messages;
}

int64_t GatewayFixture::Count(const std::string& sql) {
  const auto count = owner_.InTransaction([&](Transaction& tx) -> absl::StatusOr<int64_t> {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(sql));
    return rows.Integer(0, 0);
  });
  EXPECT_TRUE(count.ok()) << count.status();
  return count.value_or(-1);
}

void GatewayFixture::Run(const std::string& sql) {
  const absl::Status status =
      owner_.InTransaction([&](Transaction& tx) -> absl::Status { return tx.ExecuteScript(sql); });
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace trunkline::gateway
