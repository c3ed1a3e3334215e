#include "tests/support/fake_provider.h"

#include <utility>
#include <vector>

#include "libs/base/encoding.h"
#include "libs/base/media_type.h"
#include "libs/base/text.h"
#include "libs/providers/webhook_url.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::testing_support {
namespace {

using providers::Account;
using providers::WebhookRequest;

std::string Field(std::string_view body, std::string_view name) {
  return std::string(FindInForm(ParseForm(body), name).value_or(""));
}

class FakeReceiver final : public providers::WebhookReceiver {
 public:
  std::string ClaimedExternalAccount(const WebhookRequest& request) const override {
    return Field(request.body, "account");
  }
  bool IsExternalAccount(const Account& account, std::string_view external_account) const override {
    return account.Setting("external_account") == external_account;
  }
  absl::Status Verify(const WebhookRequest& request, const Account& account) const override {
    if (request.Header("x-fake-signature").empty()) return absl::UnauthenticatedError("SIGNATURE_MISSING");
    if (request.Header("x-fake-signature") != account.Credential("token"))
      return absl::UnauthenticatedError("SIGNATURE_MISMATCH");
    return absl::OkStatus();
  }
  std::string Challenge(const WebhookRequest&, const Account& account) const override {
    return account.Setting("challenge");
  }
  bool AcceptsMediaType(std::string_view media_type) const override {
    return WebhookReceiver::AcceptsMediaType(media_type) || media_type == "text/x-fake";
  }
  absl::StatusOr<providers::WebhookSubject> Describe(const WebhookRequest& request,
                                                     const Account& account) const override {
    const std::string id = Field(request.body, "id");
    const bool json = IsJson(request.Header("content-type"));
    if (id.empty() && !json) return absl::InvalidArgumentError("the webhook names no call");
    return providers::WebhookSubject{.call_id = telephony::CallIdOf(account.id, id),
                                     .external_call_id = id,
                                     .wants_plan = request.event == "voice",
                                     .inbound = true,
                                     .from = "+15550100001",
                                     .to = "+15550100003"};
  }
  providers::HttpReply RenderPlan(const plans::v1::CallPlan& plan, const providers::RenderContext&) const override {
    return {.status = 200, .content_type = "text/plain", .body = plan.ShortDebugString()};
  }
  providers::HttpReply Acknowledge() const override { return {.status = 204}; }
  std::vector<std::string_view> HeadersToKeep() const override { return {"x-fake-token"}; }
};

class FakeMapper final : public providers::WebhookMapper {
 public:
  int Version() const override { return 7; }
  absl::StatusOr<std::vector<events::v1::CallEvent>> Map(const webhooks::v1::RawWebhook& raw) const override {
    const std::string& body = raw.http().body();
    const std::string id = Field(body, "id");
    if (id.empty()) return absl::InvalidArgumentError("the webhook names no call");
    if (Field(body, "event").empty()) return std::vector<events::v1::CallEvent>();
    events::v1::CallEvent event;
    const std::string call = providers::ReadWebhookUrl(raw.http().url()).call_id;
    event.set_call_id(call.empty() ? telephony::CallIdOf(raw.provider_account_id(), id) : call);
    event.set_event_id(
        telephony::EventIdOf(raw.provider_account_id(), "status", {id, Field(body, "event"), Field(body, "at")}));
    event.set_source(events::v1::EVENT_SOURCE_PROVIDER);
    events::v1::CallEventType type = events::v1::CALL_EVENT_TYPE_UPDATED;
    events::v1::CallEventType_Parse("CALL_EVENT_TYPE_" + Field(body, "event"), &type);
    event.set_type(type);
    calls::v1::CallStatus status = calls::v1::CALL_STATUS_UNSPECIFIED;
    calls::v1::CallStatus_Parse("CALL_STATUS_" + Field(body, "status"), &status);
    event.set_status(status);
    *event.mutable_occurred_at() = telephony::ToProto(absl::FromUnixSeconds(ParseInt(Field(body, "at")).value_or(0)));
    event.mutable_details()->set_provider("fake");
    event.mutable_details()->set_provider_account_id(raw.provider_account_id());
    event.mutable_details()->set_external_call_id(id);
    event.mutable_details()->set_direction(calls::v1::CALL_DIRECTION_OUTBOUND);
    if (const std::string recording = Field(body, "recording"); !recording.empty()) {
      event.mutable_details()->mutable_recording()->set_external_recording_id(recording);
      calls::v1::RecordingStatus told = calls::v1::RECORDING_STATUS_UNSPECIFIED;
      calls::v1::RecordingStatus_Parse("RECORDING_STATUS_" + Field(body, "recording_status"), &told);
      event.mutable_details()->mutable_recording()->set_status(told);
    }
    return std::vector{std::move(event)};
  }
};

class FakeClient final : public providers::CallClient {
 public:
  FakeClient() : CallClient("fake") {}
  providers::DialOutcome PlaceCall(const Account&, const providers::DialRequest&) override {
    return {.kind = providers::DialOutcome::Kind::kRejected};
  }
  absl::StatusOr<std::vector<providers::AccountProblem>> CheckAccount(const Account&) override {
    return absl::UnimplementedError("the fake provider places no calls");
  }
};

class FakeProvider final : public providers::Provider {
 public:
  std::string_view Name() const override { return "fake"; }
  const providers::WebhookReceiver& Receiver() const override { return receiver_; }
  const providers::WebhookMapper& Mapper() const override { return mapper_; }
  providers::CallClient& Client() const override { return client_; }
  providers::CallControls& Controls() const override { return controls_; }
  providers::RecordingClient& Recordings() const override { return recordings_; }
  std::set<providers::v1::Feature> Features() const override { return {}; }
  std::vector<providers::AccountProblem> CheckForm(const Account&) const override { return {}; }
  std::map<std::string, std::string> UrlsToEnter(std::string_view, std::string_view) const override { return {}; }

 private:
  FakeReceiver receiver_;
  FakeMapper mapper_;
  mutable FakeClient client_;
  mutable providers::CallControls controls_{"fake"};
  mutable providers::RecordingClient recordings_{"fake"};
};

}  // namespace

std::unique_ptr<providers::Provider> MakeFakeProvider() { return std::make_unique<FakeProvider>(); }

providers::Registry FakeRegistry() {
  std::vector<std::unique_ptr<providers::Provider>> providers;
  providers.push_back(MakeFakeProvider());
  return providers::Registry(std::move(providers));
}

}  // namespace trunkline::testing_support
