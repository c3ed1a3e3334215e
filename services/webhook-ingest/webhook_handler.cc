#include "services/webhook-ingest/webhook_handler.h"

#include <simdjson.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/media_type.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/providers/webhook_url.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::webhook_ingest {
namespace {

using providers::Account;
using providers::Provider;
using providers::WebhookRequest;
using providers::WebhookSubject;
using webhooks::v1::RawWebhook;

constexpr const char* kOutcomes[] = {"accepted", "refused",     "malformed",         "not_kept",
                                     "busy",     "unavailable", "unsupported_media", "fallback_plan"};

http::Response Later(int status, std::string_view code, std::string_view message) {
  http::Response response = http::ErrorResponse(status, code, message);
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

bool IsWellFormedJson(const std::string& body) {
  thread_local simdjson::dom::parser parser;
  return parser.parse(body).error() == simdjson::SUCCESS;
}

http::Response ToResponse(providers::HttpReply reply) {
  http::Response response{.status = reply.status, .headers = {}, .body = std::move(reply.body)};
  if (!reply.content_type.empty()) response.headers.emplace_back("Content-Type", std::move(reply.content_type));
  return response;
}

RawWebhook MakeRaw(const Route& route, WebhookRequest webhook, const Account& account, const WebhookSubject& subject,
                   const providers::WebhookReceiver& receiver, absl::Time now, const TraceContext& trace) {
  RawWebhook raw;
  raw.set_webhook_id(NewUuid(now));
  raw.set_provider(route.provider);
  raw.set_provider_account_id(account.id);
  raw.set_business_id(account.business_id);
  raw.set_call_id(subject.call_id);
  raw.set_event(route.event);
  *raw.mutable_received_at() = telephony::ToProto(now);
  raw.set_remote_address(std::move(webhook.remote_address));
  raw.set_traceparent(trace.ToTraceparent());
  webhooks::v1::HttpWebhook* http = raw.mutable_http();
  const auto keep = receiver.HeadersToKeep();
  for (auto& [name, value] : webhook.headers) {
    if (name != "content-type" && std::find(keep.begin(), keep.end(), name) == keep.end()) continue;
    if (!IsStorableText(value)) continue;
    webhooks::v1::Header* header = http->add_headers();
    header->set_name(std::move(name));
    header->set_value(std::move(value));
  }
  http->set_method(std::move(webhook.method));
  http->set_url(ToStorableText(receiver.UrlToKeep(webhook.url)));
  http->set_body(std::move(webhook.body));
  return raw;
}

}  // namespace

// Sends the response when both the webhook is kept and the plan, if one is wanted, is there.
class WebhookHandler::Reply {
 public:
  Reply(WebhookHandler& handler, http::Responder respond, std::string provider, bool wants_plan)
      : handler_(handler), respond_(std::move(respond)), provider_(std::move(provider)), waiting_for_plan_(wants_plan) {
    handler_.Enter();
  }
  ~Reply() { handler_.Leave(); }

  void OnKept(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    kept_ = status;
    SendIfReady();
  }

  void OnReply(http::Response response) {
    const std::lock_guard lock(mutex_);
    response_ = std::move(response);
    waiting_for_plan_ = false;
    SendIfReady();
  }

 private:
  void SendIfReady() {
    if (!kept_.has_value() || !respond_.has_value()) return;
    if (!kept_->ok()) {
      LogError("webhook not kept", {{"error", *kept_}});
      Send("not_kept", Later(503, "NOT_KEPT", "the webhook could not be kept; send it again"));
    } else if (!waiting_for_plan_) {
      Send("accepted", std::move(response_));
    }
  }

  void Send(const char* outcome, http::Response response) {
    handler_.Answer(std::move(*respond_), provider_, outcome, std::move(response));
    respond_.reset();
  }

  WebhookHandler& handler_;
  std::mutex mutex_;
  std::optional<http::Responder> respond_;
  std::string provider_;
  bool waiting_for_plan_;
  std::optional<absl::Status> kept_;
  http::Response response_;
};

WebhookHandler::WebhookHandler(WebhookHandlerOptions options, const PublicUrl& public_url,
                               const providers::Registry& registry, const accounts::AccountDirectory& accounts,
                               WebhookSink& sink, PlanSource& plans, OnRefused on_refused, metrics::Registry& metrics,
                               const Clock& clock)
    : options_(std::move(options)),
      public_url_(public_url),
      registry_(registry),
      accounts_(accounts),
      sink_(sink),
      plans_(plans),
      on_refused_(std::move(on_refused)),
      metrics_(metrics),
      clock_(clock) {
  fallback_plan_.add_verbs()->mutable_say()->set_text(options_.fallback_text);
  fallback_plan_.add_verbs()->mutable_hangup();
  for (const std::string& provider : registry_.Names()) {
    for (const char* outcome : kOutcomes) {
      counters_[provider][outcome] =
          &metrics_.Counter("trunkline_ingest_webhooks_total", "Webhooks, by provider and outcome.",
                            {{"provider", provider}, {"outcome", outcome}});
    }
  }
}

WebhookHandler::~WebhookHandler() {
  std::unique_lock lock(mutex_);
  all_answered_.wait(lock, [this] { return in_flight_ == 0; });
}

bool WebhookHandler::IsBusy() {
  const std::lock_guard lock(mutex_);
  return in_flight_ >= options_.max_in_flight;
}

void WebhookHandler::Enter() {
  const std::lock_guard lock(mutex_);
  ++in_flight_;
}

void WebhookHandler::Leave() {
  const std::lock_guard lock(mutex_);
  if (--in_flight_ == 0) all_answered_.notify_all();
}

void WebhookHandler::Count(const std::string& provider, const char* outcome) {
  counters_.at(provider).find(outcome)->second->Increment();
}

void WebhookHandler::Answer(http::Responder respond, const std::string& provider, const char* outcome,
                            http::Response response) {
  Count(provider, outcome);
  respond.Send(std::move(response));
}

std::optional<http::Response> WebhookHandler::CheckShape(const http::Request& request,
                                                         const providers::WebhookReceiver& receiver) const {
  if (request.method != "GET" && request.method != "POST") {
    http::Response response =
        http::ErrorResponse(405, "METHOD_NOT_ALLOWED", Concat("webhooks come by GET or POST, not ", request.method));
    response.headers.emplace_back("Allow", "GET, POST");
    return response;
  }
  const std::string_view content_type = request.Header("content-type");
  if (!request.body.empty() && !receiver.AcceptsMediaType(Lower(Trim(Split(content_type, ';')[0])))) {
    return http::ErrorResponse(415, "UNSUPPORTED_MEDIA_TYPE", "the provider sends no webhooks of this media type");
  }
  const auto fields = [](std::string_view text) { return std::count(text.begin(), text.end(), '&') + 1; };
  if (fields(request.Query()) > options_.max_fields ||
      (IsForm(content_type) && fields(request.body) > options_.max_fields)) {
    return http::ErrorResponse(400, "MALFORMED_WEBHOOK", Concat("more than ", options_.max_fields, " fields"));
  }
  return std::nullopt;
}

WebhookHandler::Verdict WebhookHandler::FindAccount(const Provider& provider, const WebhookRequest& webhook,
                                                    std::shared_ptr<const accounts::AccountSnapshot> snapshot) const {
  const providers::WebhookReceiver& receiver = provider.Receiver();
  const providers::WebhookUrl url = providers::ReadWebhookUrl(webhook.url);
  std::vector<const Account*> candidates;
  if (!url.account_id.empty()) {
    const Account* account = snapshot->FindById(url.account_id);
    if (account != nullptr && account->provider == provider.Name()) candidates.push_back(account);
  } else {
    candidates = snapshot->FindByExternalAccount(provider.Name(), receiver, receiver.ClaimedExternalAccount(webhook));
  }
  Verdict verdict{.snapshot = std::move(snapshot), .refusal = "UNKNOWN_ACCOUNT"};
  for (const Account* account : candidates) {
    const absl::Status status = verdict.snapshot->MayComeFrom(*account, webhook.remote_address)
                                    ? receiver.Verify(webhook, *account)
                                    : absl::UnauthenticatedError("SOURCE_ADDRESS_NOT_ALLOWED");
    if (status.ok()) {
      verdict.account = account;
      return verdict;
    }
    verdict.refusal = std::string(status.message());
    verdict.claimed_account_id = account->id;
    verdict.challenge = receiver.Challenge(webhook, *account);
  }
  return verdict;
}

void WebhookHandler::Refuse(const http::Request& request, const WebhookRequest& webhook, const Route& route,
                            const Verdict& verdict, http::Responder respond) {
  LogWarning("webhook refused", {{"provider", route.provider},
                                 {"event", route.event},
                                 {"reason", verdict.refusal},
                                 {"provider_account_id", verdict.claimed_account_id},
                                 {"remote_address", webhook.remote_address}});
  audit::v1::RefusedWebhook refused;
  const absl::Time now = clock_.Now();
  refused.set_webhook_id(NewUuid(now));
  *refused.mutable_received_at() = telephony::ToProto(now);
  refused.set_provider(route.provider);
  refused.set_provider_account_id(verdict.claimed_account_id);
  refused.set_path(ToStorableText(request.Path()));
  refused.set_remote_address(webhook.remote_address);
  refused.set_reason(verdict.refusal);
  refused.set_body_sha256(HexEncode(Sha256(webhook.body)));
  on_refused_(std::move(refused));
  http::Response response = http::ErrorResponse(verdict.challenge.empty() ? 403 : 401, "WEBHOOK_REFUSED",
                                                "no provider account of ours takes this webhook");
  if (!verdict.challenge.empty()) response.headers.emplace_back("WWW-Authenticate", verdict.challenge);
  Answer(std::move(respond), route.provider, "refused", std::move(response));
}

void WebhookHandler::Handle(http::Request request, http::Responder respond) {
  const std::optional<Route> route = FindRoute(request.Path());
  const Provider* provider = route.has_value() ? registry_.Find(route->provider) : nullptr;
  if (provider == nullptr) {
    return respond.Send(
        http::ErrorResponse(404, "NO_SUCH_WEBHOOK", "webhooks go to /telephony/webhook/{provider}/{event}"));
  }
  if (std::optional<http::Response> wrong = CheckShape(request, provider->Receiver()); wrong.has_value()) {
    return Answer(std::move(respond), route->provider, wrong->status == 400 ? "malformed" : "unsupported_media",
                  *std::move(wrong));
  }
  std::shared_ptr<const accounts::AccountSnapshot> snapshot = accounts_.Get();
  if (snapshot == nullptr) {
    return Answer(std::move(respond), route->provider, "unavailable",
                  Later(503, "NOT_KEPT", "the provider accounts are not known yet; send the webhook again"));
  }
  if (IsBusy()) {
    return Answer(std::move(respond), route->provider, "busy",
                  Later(429, "TOO_MANY_WEBHOOKS", "too many webhooks are under way"));
  }

  const providers::WebhookReceiver& receiver = provider->Receiver();
  WebhookRequest webhook{.method = request.method,
                         .url = public_url_.UrlOf(request),
                         .event = route->event,
                         .remote_address = public_url_.RemoteAddressOf(request),
                         .received_at = clock_.Now()};
  webhook.headers = std::move(request.headers);
  webhook.body = std::move(request.body);
  const Verdict verdict = FindAccount(*provider, webhook, std::move(snapshot));
  if (verdict.account == nullptr && verdict.claimed_account_id.empty() && !accounts_.IsCurrent()) {
    return Answer(std::move(respond), route->provider, "unavailable",
                  Later(503, "NOT_KEPT", "no such provider account is known yet; send the webhook again"));
  }
  if (verdict.account == nullptr) return Refuse(request, webhook, *route, verdict, std::move(respond));

  const absl::StatusOr<WebhookSubject> subject = receiver.Describe(webhook, *verdict.account);
  if (!subject.ok() ||
      (IsJson(webhook.Header("content-type")) && !webhook.body.empty() && !IsWellFormedJson(webhook.body))) {
    return Answer(std::move(respond), route->provider, "malformed",
                  http::ErrorResponse(400, "MALFORMED_WEBHOOK",
                                      subject.ok() ? "the body is no JSON" : ToStd(subject.status().message())));
  }

  const TraceContext trace = ChildOf(ParseTraceparent(webhook.Header("traceparent")));
  const TraceScope scope(trace);
  const RawWebhook raw = MakeRaw(*route, std::move(webhook), *verdict.account, *subject, receiver, clock_.Now(), trace);
  const auto reply = std::make_shared<Reply>(*this, std::move(respond), route->provider, subject->wants_plan);
  if (subject->wants_plan) {
    const providers::RenderContext context{.public_url = public_url_.base(),
                                           .account_id = verdict.account->id,
                                           .call_id = subject->call_id,
                                           .asked_url = raw.http().url(),
                                           .event = route->event};
    plans_.Ask(*verdict.account, *subject,
               [this, reply, &receiver, context, name = route->provider](absl::StatusOr<plans::v1::CallPlan> plan) {
                 if (!plan.ok()) {
                   LogWarning("no call plan; the fallback is played",
                              {{"call_id", context.call_id}, {"error", plan.status()}});
                   Count(name, "fallback_plan");
                 }
                 reply->OnReply(ToResponse(receiver.RenderPlan(plan.ok() ? *plan : fallback_plan_, context)));
               });
  } else {
    reply->OnReply(ToResponse(receiver.Acknowledge()));
  }
  sink_.Keep(raw, [reply](const absl::Status& status) { reply->OnKept(status); });
}

}  // namespace trunkline::webhook_ingest
