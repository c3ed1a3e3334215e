#include "tests/conformance/harness.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/providers/webhook_url.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::conformance {
namespace {

using providers::WebhookRequest;
using providers::WebhookSubject;
using webhooks::v1::RawWebhook;

constexpr auto kLimit = std::chrono::seconds(20);
constexpr auto kLookInterval = std::chrono::milliseconds(10);

http::Response ToResponse(const providers::HttpReply& reply) {
  http::Response response{.status = reply.status, .headers = {}, .body = reply.body};
  if (!reply.content_type.empty()) response.headers.emplace_back("Content-Type", reply.content_type);
  return response;
}

RawWebhook MakeRaw(const WebhookRequest& webhook, const WebhookSubject& subject, const providers::Provider& provider,
                   const providers::Account& account) {
  RawWebhook raw;
  raw.set_webhook_id(NewUuid(webhook.received_at));
  raw.set_provider(std::string(provider.Name()));
  raw.set_provider_account_id(account.id);
  raw.set_business_id(account.business_id);
  raw.set_call_id(subject.call_id);
  raw.set_event(webhook.event);
  *raw.mutable_received_at() = telephony::ToProto(webhook.received_at);
  const auto keep = provider.Receiver().HeadersToKeep();
  for (const auto& [name, value] : webhook.headers) {
    if (name != "content-type" && std::find(keep.begin(), keep.end(), name) == keep.end()) continue;
    webhooks::v1::Header* header = raw.mutable_http()->add_headers();
    header->set_name(name);
    header->set_value(value);
  }
  raw.mutable_http()->set_method(webhook.method);
  raw.mutable_http()->set_url(provider.Receiver().UrlToKeep(webhook.url));
  raw.mutable_http()->set_body(webhook.body);
  return raw;
}

}  // namespace

Harness::Harness() {
  plans::v1::CallPlan plan;
  plan.add_verbs()->mutable_say()->set_text("Hello.");
  plan.add_verbs()->mutable_hangup();
  plans_[""] = plan;
  server_ = http::Server::Start({}, [this](const http::Request& request, http::Responder respond) {
              respond.Send(Take(request));
            }).value();
  public_url_ = Concat("http://127.0.0.1:", server_->port());
}

Harness::~Harness() = default;

void Harness::Serve(const providers::Provider& provider, const providers::Account& account) {
  const std::lock_guard lock(mutex_);
  provider_ = &provider;
  account_ = &account;
  link_is_up_ = false;
}

void Harness::SetPlan(const plans::v1::CallPlan& plan, const std::string& step) {
  const std::lock_guard lock(mutex_);
  plans_[step] = plan;
}

void Harness::SetPlanOf(const std::string& call_id, const plans::v1::CallPlan& plan) {
  const std::lock_guard lock(mutex_);
  plans_of_calls_[call_id] = plan;
}

// --- what comes in -------------------------------------------------------------------------------------------------

http::Response Harness::Take(const http::Request& request) {
  const std::lock_guard lock(mutex_);
  const providers::WebhookUrl url = providers::ReadWebhookUrl(request.target);
  // A late webhook of an earlier test.
  if (account_ == nullptr || (!url.account_id.empty() && url.account_id != account_->id)) return {.status = 404};
  const providers::WebhookReceiver& receiver = provider_->Receiver();
  const WebhookRequest webhook{.method = request.method,
                               .url = Concat(public_url_, request.target),
                               .event = url.event,
                               .headers = request.headers,
                               .body = request.body,
                               .remote_address = request.peer_address,
                               .received_at = absl::Now()};
  const auto refuse = [&](int status, std::string_view why) {
    problems_.push_back(Concat(request.method, " ", request.target, ": ", why));
    changed_.notify_all();
    return http::Response{.status = status};
  };
  const std::string media_type = Lower(Trim(Split(request.Header("content-type"), ';')[0]));
  if (!request.body.empty() && !receiver.AcceptsMediaType(media_type)) return refuse(415, media_type);
  if (url.account_id.empty() && !receiver.IsExternalAccount(*account_, receiver.ClaimedExternalAccount(webhook))) {
    return refuse(403, "of no account");
  }
  const absl::Status genuine = receiver.Verify(webhook, *account_);
  if (!genuine.ok()) {
    const std::string challenge = receiver.Challenge(webhook, *account_);
    if (!challenge.empty() && request.Header("authorization").empty()) {
      return {.status = 401, .headers = {{"WWW-Authenticate", challenge}}};
    }
    return refuse(403, ToStd(genuine.message()));
  }
  const absl::StatusOr<WebhookSubject> subject = receiver.Describe(webhook, *account_);
  if (!subject.ok()) return refuse(400, ToStd(subject.status().message()));
  RawWebhook raw = MakeRaw(webhook, *subject, *provider_, *account_);
  const std::string asked_url = raw.http().url();
  Map(std::move(raw));
  webhooks_.push_back(webhook);
  changed_.notify_all();
  if (!subject->wants_plan) return ToResponse(receiver.Acknowledge());
  return ToResponse(receiver.RenderPlan(
      PlanFor(*subject),
      {.public_url = public_url_, .account_id = account_->id, .call_id = subject->call_id, .asked_url = asked_url}));
}

plans::v1::CallPlan Harness::PlanFor(const WebhookSubject& subject) const {
  const auto own = plans_of_calls_.find(subject.call_id);
  if (subject.step.empty() && own != plans_of_calls_.end()) return own->second;
  const auto plan = plans_.find(subject.step);
  return plan == plans_.end() ? plans::v1::CallPlan() : plan->second;
}

void Harness::OnMessage(RawWebhook message) {
  const std::lock_guard lock(mutex_);
  message.set_webhook_id(NewUuid(absl::Now()));
  message.set_provider_account_id(account_->id);
  *message.mutable_received_at() = telephony::ToProto(absl::Now());
  Map(std::move(message));
  changed_.notify_all();
}

void Harness::OnLiveCalls(const std::vector<providers::ProviderCall>& /*live*/, absl::Time /*at*/) {}

void Harness::OnState(const absl::Status& state) {
  const std::lock_guard lock(mutex_);
  link_is_up_ = state.ok();
  changed_.notify_all();
}

void Harness::Map(RawWebhook message) {
  auto events = provider_->Mapper().Map(message);
  if (!events.ok()) {
    problems_.push_back(Concat("event ", message.event(), " cannot be mapped: ", ToStd(events.status().message())));
    return;
  }
  for (events::v1::CallEvent& event : *events) {
    if (!IsUuid(event.event_id()) || !IsUuid(event.call_id()) || !event.has_occurred_at()) {
      problems_.push_back(Concat("event ", message.event(), " maps to something incomplete"));
    }
    events_.push_back(std::move(event));
  }
  messages_.push_back(std::move(message));
}

// --- what there is -------------------------------------------------------------------------------------------------

Events Harness::AllEvents() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

Events Harness::EventsOf(std::string_view call_id) const {
  Events events = AllEvents();
  std::erase_if(events, [call_id](const events::v1::CallEvent& event) { return event.call_id() != call_id; });
  return events;
}

calls::v1::CallRecord Harness::RecordOf(std::string_view call_id) const {
  calls::v1::CallState state;
  for (const events::v1::CallEvent& event : EventsOf(call_id)) telephony::Merge(telephony::Lift(event), &state);
  return telephony::Project(state);
}

bool Harness::WaitUntil(const std::function<bool()>& condition) const {
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > limit) {
      std::string told;
      for (const auto& event : AllEvents()) {
        told += Concat("\n  ", event.call_id(), " ", telephony::NameOf(event.type()), " ",
                       telephony::NameOf(event.status()));
      }
      for (const std::string& problem : Problems()) told += Concat("\n  problem: ", problem);
      ADD_FAILURE() << "waited in vain; there was" << told;
      return false;
    }
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, kLookInterval);
  }
  return true;
}

bool Harness::WaitForEvent(std::string_view call_id, events::v1::CallEventType type, size_t count) const {
  return WaitUntil([&] {
    const Events events = EventsOf(call_id);
    const auto found = std::count_if(events.begin(), events.end(),
                                     [type](const events::v1::CallEvent& event) { return event.type() == type; });
    return static_cast<size_t>(found) >= count;
  });
}

bool Harness::WaitForEnd(std::string_view call_id) const {
  return WaitForEvent(call_id, events::v1::CALL_EVENT_TYPE_ENDED);
}

bool Harness::WaitForLink() const {
  return WaitUntil([&] {
    const std::lock_guard lock(mutex_);
    return link_is_up_;
  });
}

std::vector<WebhookRequest> Harness::Webhooks() const {
  const std::lock_guard lock(mutex_);
  return webhooks_;
}

std::vector<RawWebhook> Harness::Messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

std::vector<std::string> Harness::Problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

}  // namespace trunkline::conformance
