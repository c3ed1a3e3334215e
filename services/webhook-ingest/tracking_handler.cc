#include "services/webhook-ingest/tracking_handler.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/webhook_modes.h"
#include "libs/tracking/webhook_url.h"

namespace trunkline::webhook_ingest {
namespace {

using accounts::AccountSnapshot;
using providers::Account;
using providers::WebhookRequest;
using tracking::TrackingPlatform;

constexpr std::string_view kRoot = "/webhooks/";
constexpr size_t kLargestBody = 256 * 1024;
constexpr size_t kShownOfSignature = 10;
constexpr const char* kTrackingOutcomes[] = {
    "accepted", "nothing_to_keep", "refused", "malformed", "too_large", "not_kept", "busy", "held_off", "unavailable"};

http::Response Plain(int status) { return http::JsonResponse(status, "{}"); }

http::Response Later(int status, std::string_view seconds = "1") {
  http::Response response = Plain(status);
  response.headers.emplace_back("Retry-After", seconds);
  return response;
}

// The platform that a path is for; nothing for a path of another shape.
std::optional<std::string> PlatformOf(std::string_view path) {
  std::vector<std::string_view> pieces = Split(path.substr(kRoot.size()), '/');
  while (pieces.size() > 1 && pieces.back().empty()) pieces.pop_back();
  const bool names_event = pieces.size() > 2;
  if (pieces.size() > 4 || (names_event && !IsUuid(pieces[1]))) return std::nullopt;
  if (std::any_of(pieces.begin(), pieces.end(), [](std::string_view piece) { return piece.empty(); })) {
    return std::nullopt;
  }
  return std::string(pieces[0]);
}

// Of a refusal that user and password could mend.
bool AsksForBasic(std::string_view refusal) { return refusal.starts_with("BASIC_AUTH"); }

}  // namespace

bool IsTrackingPath(std::string_view path) { return path.starts_with(kRoot); }

// Answers when every call that the webhook tells of is kept, or one is not.
class TrackingHandler::Reply {
 public:
  Reply(TrackingHandler& handler, http::Responder respond, std::string platform, http::Response response, size_t count)
      : handler_(handler),
        respond_(std::move(respond)),
        platform_(std::move(platform)),
        response_(std::move(response)),
        left_(count) {
    handler_.under_way_.Enter();
  }
  ~Reply() { handler_.under_way_.Leave(); }

  void OnKept(const absl::Status& status) {
    if (!status.ok() && !lost_.exchange(true)) LogError("webhook not kept", {{"error", status}});
    if (left_.fetch_sub(1) != 1) return;
    const bool lost = lost_;
    handler_.Answer(std::move(respond_), platform_, lost ? "not_kept" : "accepted",
                    lost ? Later(503) : std::move(response_));
  }

 private:
  TrackingHandler& handler_;
  http::Responder respond_;
  const std::string platform_;
  http::Response response_;
  std::atomic<size_t> left_;
  std::atomic<bool> lost_ = false;
};

TrackingHandler::TrackingHandler(int64_t max_in_flight, const PublicUrl& public_url,
                                 const tracking::Registry& platforms, const accounts::AccountDirectory& accounts,
                                 WebhookSink& sink, OnRefused on_refused, metrics::Registry& metrics,
                                 const Clock& clock)
    : public_url_(public_url),
      platforms_(platforms),
      accounts_(accounts),
      sink_(sink),
      on_refused_(std::move(on_refused)),
      metrics_(metrics),
      clock_(clock),
      under_way_(max_in_flight) {
  for (const std::string& platform : platforms_.Names()) {
    for (const char* outcome : kTrackingOutcomes) {
      outcomes_[platform][outcome] =
          &metrics_.Counter("trunkline_ingest_webhooks_total", "Webhooks, by provider and outcome.",
                            {{"provider", platform}, {"outcome", outcome}});
    }
  }
}

void TrackingHandler::Answer(http::Responder respond, const std::string& platform, const char* outcome,
                             http::Response response) {
  outcomes_.at(platform).find(outcome)->second->Increment();
  respond.Send(std::move(response));
}

void TrackingHandler::CountRejection(const std::string& platform, std::string_view reason) {
  metrics_
      .Counter("trunkline_ingest_tracking_webhooks_rejected_total", "Webhooks of call-tracking platforms, by why not.",
               {{"provider", platform}, {"reason", std::string(reason)}})
      .Increment();
}

TrackingHandler::Verdict TrackingHandler::FindAccount(const TrackingPlatform& platform, const WebhookRequest& webhook,
                                                      const AccountSnapshot& snapshot) const {
  const std::string account_id = tracking::ReadWebhookUrl(webhook.url).account_id;
  std::vector<const Account*> candidates;
  if (account_id.empty()) {
    // The short form of the URL: whose secret it is tells whose webhook it is.
    candidates = snapshot.OfProvider(platform.Name());
  } else if (const Account* named = snapshot.FindById(account_id);
             named != nullptr && named->provider == platform.Name()) {
    candidates.push_back(named);
  }
  Verdict verdict{.refusal = "UNKNOWN_ACCOUNT"};
  for (const Account* account : candidates) {
    const absl::Status status = platform.Receiver().Verify(webhook, *account);
    if (status.ok()) return {.account = account};
    verdict.refusal = std::string(status.message());
    if (!account_id.empty()) verdict.claimed_account_id = account->id;
  }
  return verdict;
}

void TrackingHandler::Refuse(const std::string& platform, std::string_view path, const WebhookRequest& webhook,
                             const Verdict& verdict, http::Responder respond) {
  CountRejection(platform, verdict.refusal);
  const absl::Time now = clock_.Now();
  audit::v1::RefusedWebhook refused;
  refused.set_webhook_id(NewUuid(now));
  *refused.mutable_received_at() = telephony::ToProto(now);
  refused.set_provider(platform);
  refused.set_provider_account_id(verdict.claimed_account_id);
  refused.set_path(ToStorableText(tracking::WebhookUrlToKeep(path)));
  refused.set_remote_address(webhook.remote_address);
  refused.set_reason(verdict.refusal);
  refused.set_body_sha256(HexEncode(Sha256(webhook.body)));
  on_refused_(std::move(refused));

  const FailingSenders::Verdict sender = failing_senders_.Failed(webhook.remote_address, now);
  if (sender != FailingSenders::Verdict::kHoldOff) {
    LogWarning("webhook refused", {{"provider", platform},
                                   {"event", webhook.event},
                                   {"reason", verdict.refusal},
                                   {"provider_account_id", verdict.claimed_account_id},
                                   {"remote_address", webhook.remote_address}});
  }
  if (sender != FailingSenders::Verdict::kTell) {
    if (sender == FailingSenders::Verdict::kHoldOffFromNow) {
      LogWarning("further refusals of this sender are not logged for a minute",
                 {{"remote_address", webhook.remote_address}});
    }
    return Answer(std::move(respond), platform, "held_off", Later(429, "60"));
  }
  http::Response response = Plain(401);
  if (AsksForBasic(verdict.refusal)) response.headers.emplace_back("WWW-Authenticate", "Basic realm=\"webhooks\"");
  Answer(std::move(respond), platform, "refused", std::move(response));
}

void TrackingHandler::RefuseContent(const std::string& platform, const absl::Status& status, http::Responder respond) {
  LogWarning("a genuine webhook cannot be read", {{"provider", platform}, {"error", status}});
  const bool too_large = status.code() == absl::StatusCode::kOutOfRange;
  CountRejection(platform, too_large ? "TOO_LARGE" : "MALFORMED");
  Answer(std::move(respond), platform, too_large ? "too_large" : "malformed", Plain(too_large ? 413 : 400));
}

void TrackingHandler::Keep(const std::string& platform, const WebhookRequest& webhook, const Account& account,
                           tracking::ReceivedWebhook received, http::Responder respond) {
  const providers::HttpReply reply = platforms_.Find(platform)->Receiver().Acknowledge(webhook.method);
  http::Response response{.status = reply.status, .body = reply.body};
  if (!reply.content_type.empty()) response.headers.emplace_back("Content-Type", reply.content_type);
  const std::string_view signature = tracking::SignatureOf(webhook, account);
  const auto log = [&](std::string_view event, std::string_view call) {
    LogInfo("webhook received", {{"provider", platform},
                                 {"provider_account_id", account.id},
                                 {"event", event},
                                 {"call", call},
                                 {"remark", received.remark},
                                 {"signature", signature.substr(0, kShownOfSignature)}});
  };
  if (received.messages.empty()) {
    log(webhook.event, "");
    return Answer(std::move(respond), platform, "nothing_to_keep", std::move(response));
  }
  const TraceContext trace = ChildOf(ParseTraceparent(webhook.Header("traceparent")));
  const TraceScope scope(trace);
  const auto kept =
      std::make_shared<Reply>(*this, std::move(respond), platform, std::move(response), received.messages.size());
  for (size_t i = 0; i < received.messages.size(); ++i) {
    const std::string_view event = tracking::NameOf(received.events[i]);
    metrics_
        .Counter("trunkline_ingest_tracking_webhooks_received_total", "Calls that genuine webhooks told of, by event.",
                 {{"provider", platform}, {"event_type", std::string(event)}})
        .Increment();
    log(event, received.external_ids[i]);
    webhooks::v1::RawWebhook& raw = received.messages[i];
    raw.set_webhook_id(NewUuid(clock_.Now()));
    raw.set_traceparent(trace.ToTraceparent());
    sink_.Keep(raw, [kept](const absl::Status& status) { kept->OnKept(status); });
  }
}

void TrackingHandler::Handle(http::Request request, http::Responder respond) {
  const std::optional<std::string> name = PlatformOf(request.Path());
  const TrackingPlatform* platform = name.has_value() ? platforms_.Find(*name) : nullptr;
  if (platform == nullptr) return respond.Send(Plain(404));
  if (!tracking::TrackingReceiver::AcceptsMethod(request.method)) {
    http::Response response = Plain(405);
    response.headers.emplace_back("Allow", "GET, HEAD, POST, PUT, PATCH");
    return Answer(std::move(respond), *name, "malformed", std::move(response));
  }
  if (request.body.size() > kLargestBody) return Answer(std::move(respond), *name, "too_large", Plain(413));
  const std::shared_ptr<const AccountSnapshot> snapshot = accounts_.Get();
  if (snapshot == nullptr) return Answer(std::move(respond), *name, "unavailable", Later(503));
  if (under_way_.IsFull()) return Answer(std::move(respond), *name, "busy", Later(429));

  WebhookRequest webhook{.method = request.method,
                         .url = public_url_.UrlOf(request),
                         .remote_address = public_url_.RemoteAddressOf(request),
                         .received_at = clock_.Now()};
  const tracking::WebhookUrl url = tracking::ReadWebhookUrl(webhook.url);
  webhook.event = url.event;
  webhook.headers = std::move(request.headers);
  webhook.body = std::move(request.body);
  const Verdict verdict = FindAccount(*platform, webhook, *snapshot);
  if (verdict.account == nullptr) {
    const bool may_be_there = verdict.claimed_account_id.empty() && !accounts_.IsCurrent();
    if (may_be_there || snapshot->IsDisabled(url.account_id)) {
      return Answer(std::move(respond), *name, "unavailable", Later(503));
    }
    return Refuse(*name, request.Path(), webhook, verdict, std::move(respond));
  }
  absl::StatusOr<tracking::ReceivedWebhook> received = platform->Receiver().Read(webhook, *verdict.account);
  if (!received.ok()) return RefuseContent(*name, received.status(), std::move(respond));
  Keep(*name, webhook, *verdict.account, *std::move(received), std::move(respond));
}

}  // namespace trunkline::webhook_ingest
