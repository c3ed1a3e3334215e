#include "services/gateway/testing/scripted_provider.h"

#include <utility>

#include "libs/base/text.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "tests/support/fake_provider.h"

namespace trunkline::gateway {
namespace {

using providers::Account;
using providers::Controlled;
using providers::DialOutcome;
using providers::LiveCall;
using providers::ProviderCall;

class ScriptedLink final : public providers::EventLink {
 public:
  ScriptedLink(ScriptedClient& client, providers::LinkSink& sink) : client_(client) { client_.sink = &sink; }
  ~ScriptedLink() override { client_.sink = nullptr; }

 private:
  ScriptedClient& client_;
};

class ScriptedProvider final : public providers::Provider {
 public:
  explicit ScriptedProvider(ScriptedClient& client) : client_(client) {}

  std::string_view Name() const override { return "scripted"; }
  const providers::WebhookReceiver& Receiver() const override { return webhooks_->Receiver(); }
  const providers::WebhookMapper& Mapper() const override { return webhooks_->Mapper(); }
  providers::CallClient& Client() const override { return client_; }
  providers::CallControls& Controls() const override { return client_.controls; }
  providers::RecordingClient& Recordings() const override { return client_.recordings; }
  std::set<providers::v1::Feature> Features() const override { return client_.features; }
  bool HasLink(const Account& /*account*/) const override { return client_.has_link; }
  std::unique_ptr<providers::EventLink> OpenLink(const Account& /*account*/, providers::LinkSink& sink) const override {
    return std::make_unique<ScriptedLink>(client_, sink);
  }
  std::vector<providers::AccountProblem> CheckForm(const Account& account) const override {
    if (!account.Credential("token").empty()) return {};
    return {{.field = "credentials.token", .reason = "MISSING", .message = "is needed"}};
  }
  std::map<std::string, std::string> UrlsToEnter(std::string_view public_url,
                                                 std::string_view account_id) const override {
    return {{"voice", Concat(public_url, "/voice?account=", account_id)}};
  }

 private:
  ScriptedClient& client_;
  std::unique_ptr<providers::Provider> webhooks_ = testing_support::MakeFakeProvider();
};

}  // namespace

absl::StatusOr<Controlled> ScriptedControls::Update(const Account& /*account*/, const LiveCall& call,
                                                    const plans::v1::CallPlan& /*plan*/) {
  asked.push_back(Concat("update ", call.external_call_id));
  return answer;
}

absl::StatusOr<Controlled> ScriptedControls::Hold(const Account& /*account*/, const LiveCall& call,
                                                  std::string_view /*music_url*/) {
  asked.push_back(Concat("hold ", call.external_call_id));
  return answer;
}

absl::StatusOr<Controlled> ScriptedControls::Resume(const Account& /*account*/, const LiveCall& call) {
  asked.push_back(Concat("resume ", call.external_call_id));
  return answer;
}

absl::StatusOr<Controlled> ScriptedControls::Transfer(const Account& /*account*/, const LiveCall& call,
                                                      const providers::TransferRequest& request) {
  asked.push_back(Concat("transfer ", call.external_call_id, " ", request.target, request.attended ? " attended" : ""));
  return answer;
}

absl::StatusOr<Controlled> ScriptedControls::CompleteTransfer(const Account& /*account*/, const LiveCall& call) {
  asked.push_back(Concat("complete transfer ", call.external_call_id));
  return answer;
}

absl::Status ScriptedRecordings::Fetch(const Account& account, const calls::v1::Recording& recording,
                                       std::string_view /*range*/, providers::MediaSink& sink) {
  asked.push_back(
      Concat("fetch ", recording.external_recording_id(), " ", recording.url(), " ", account.Credential("token")));
  const std::string sound = Concat("sound of ", recording.external_recording_id());
  const bool wanted = sink.Begin({.content_type = "audio/wav", .bytes = sound.size()}) && sink.Write(sound);
  return wanted ? absl::OkStatus() : absl::CancelledError("enough");
}

absl::Status ScriptedRecordings::Delete(const Account& /*account*/, std::string_view external_recording_id) {
  asked.push_back(Concat("delete ", external_recording_id));
  return deleted;
}

DialOutcome ScriptedClient::PlaceCall(const Account& account, const providers::DialRequest& request) {
  size_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    placed_.push_back(request);
    account_ = account;
    number = placed_.size();
  }
  if (on_place) return on_place(request);
  return {.kind = DialOutcome::Kind::kPlaced, .external_call_id = Concat("external-", number), .error = {}};
}

std::vector<DialOutcome> ScriptedClient::PlaceCalls(const Account& /*account*/,
                                                    const providers::BulkDialRequest& request) {
  const std::lock_guard lock(mutex_);
  bulks_.push_back(request);
  std::vector<DialOutcome> outcomes;
  outcomes.reserve(request.to.size());
  for (const std::string& to : request.to) {
    outcomes.push_back({.kind = DialOutcome::Kind::kPlaced, .external_call_id = Concat("of ", to), .error = {}});
  }
  return outcomes;
}

absl::StatusOr<std::vector<ProviderCall>> ScriptedClient::ListCalls(const Account& /*account*/,
                                                                    const providers::CallFilter& filter) {
  const std::lock_guard lock(mutex_);
  ++lists_;
  filter_ = filter;
  return listed;
}

absl::StatusOr<providers::ProviderCall> ScriptedClient::FetchCall(const providers::Account& /*account*/,
                                                                  std::string_view /*external_call_id*/) {
  return fetched;
}

absl::Status ScriptedClient::EndCall(const Account& account, std::string_view external_call_id) {
  const std::lock_guard lock(mutex_);
  account_ = account;
  ended_.emplace_back(external_call_id);
  return end_answer;
}

absl::StatusOr<std::vector<providers::AccountProblem>> ScriptedClient::CheckAccount(const Account& account) {
  const std::lock_guard lock(mutex_);
  account_ = account;
  return problems;
}

int ScriptedClient::lists() const {
  const std::lock_guard lock(mutex_);
  return lists_;
}

providers::CallFilter ScriptedClient::filter() const {
  const std::lock_guard lock(mutex_);
  return filter_;
}

std::vector<providers::DialRequest> ScriptedClient::placed() const {
  const std::lock_guard lock(mutex_);
  return placed_;
}

std::vector<providers::BulkDialRequest> ScriptedClient::bulks() const {
  const std::lock_guard lock(mutex_);
  return bulks_;
}

std::vector<std::string> ScriptedClient::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

Account ScriptedClient::account() const {
  const std::lock_guard lock(mutex_);
  return account_;
}

providers::Registry ScriptedRegistry(ScriptedClient& client) {
  std::vector<std::unique_ptr<providers::Provider>> providers;
  providers.push_back(std::make_unique<ScriptedProvider>(client));
  return providers::Registry(std::move(providers));
}

ProviderCall ListedCall(std::string_view external_call_id, absl::Time created_at) {
  ProviderCall call;
  call.external_call_id = external_call_id;
  call.created_at = created_at;
  call.event.set_event_id(telephony::EventIdOf("scripted", "listed", {external_call_id}));
  call.event.set_type(events::v1::CALL_EVENT_TYPE_RINGING);
  call.event.set_status(calls::v1::CALL_STATUS_RINGING);
  *call.event.mutable_occurred_at() = telephony::ToProto(created_at);
  return call;
}

}  // namespace trunkline::gateway
