#include "tools/provider-twin/webhook_sender.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::twin {
namespace {

constexpr absl::Duration kPauseBeforeRetry = absl::Milliseconds(200);

bool ShouldRetry(const RetryPolicy& policy, const absl::StatusOr<http::Response>& response) {
  if (response.ok()) {
    return (policy.on_4xx && response->status / 100 == 4) || (policy.on_5xx && response->status / 100 == 5);
  }
  return response.status().code() == absl::StatusCode::kUnavailable ? policy.on_connect_failure : policy.on_no_answer;
}

}  // namespace

struct WebhookSender::Delivery {
  std::shared_ptr<WebhookRecord> record;
  WebhookDone done;
  absl::Time first_attempt;
  int attempts = 0;
  uint64_t generation = 0;
};

WebhookSender::WebhookSender(World& world, WebhookTransport& transport)
    : world_(world), transport_(transport), log_(world.log_capacity) {}

void WebhookSender::Send(Webhook webhook, WebhookDone done) {
  auto record = std::make_shared<WebhookRecord>();
  record->webhook = std::move(webhook);
  record->created = world_.scheduler.Now();
  log_.Add(record);
  const bool is_notification = record->webhook.is_notification;
  if (is_notification && world_.chance.Happens(world_.settings.webhook_loss)) {
    record->dropped = true;
    record->done = true;
    return;
  }
  auto delivery = std::make_shared<Delivery>();
  delivery->record = record;
  delivery->done = std::move(done);
  delivery->generation = generation_;
  record->deliveries_left = 1;
  Schedule(delivery);
  if (is_notification && world_.chance.Happens(world_.settings.webhook_duplication)) {
    record->duplicated = true;
    ++record->deliveries_left;
    auto copy = std::make_shared<Delivery>();
    copy->record = std::move(record);
    copy->generation = generation_;
    Schedule(copy);
  }
}

void WebhookSender::Schedule(const std::shared_ptr<Delivery>& delivery) {
  absl::Duration delay = absl::Milliseconds(world_.settings.webhook_latency_ms);
  if (delivery->record->webhook.is_notification) {
    delay += absl::Milliseconds(world_.settings.webhook_reorder_ms * world_.chance.Fraction());
  }
  if (delay <= absl::ZeroDuration()) {
    Attempt(delivery);
  } else {
    world_.scheduler.After(delay, [this, delivery] { Attempt(delivery); });
  }
}

void WebhookSender::Attempt(const std::shared_ptr<Delivery>& delivery) {
  if (delivery->generation != generation_) return;
  WebhookRecord& record = *delivery->record;
  const RetryPolicy& policy = record.webhook.retry;
  if (delivery->attempts == 0) delivery->first_attempt = world_.scheduler.Now();
  ++delivery->attempts;
  ++record.attempts;
  ++sent_;
  const absl::Duration left = policy.total_timeout - (world_.scheduler.Now() - delivery->first_attempt);
  http::ClientRequest request;
  request.method = record.webhook.method;
  request.url = record.webhook.url;
  request.headers = record.webhook.headers;
  request.body = record.webhook.body;
  request.timeout = std::max(std::min(policy.read_timeout, left), absl::Milliseconds(1));
  transport_.Send(
      std::move(request), policy.connect_timeout, [this, delivery](absl::StatusOr<http::Response> response) {
        world_.scheduler.Soon([this, delivery, result = std::move(response)] { OnResult(delivery, result); });
      });
}

void WebhookSender::OnResult(const std::shared_ptr<Delivery>& delivery,
                             const absl::StatusOr<http::Response>& response) {
  if (delivery->generation != generation_) return;
  WebhookRecord& record = *delivery->record;
  record.status = response.ok() ? response->status : 0;
  record.error = response.ok() ? std::string() : response.status().ToString();
  record.finished = world_.scheduler.Now();
  const bool in_time =
      record.finished + kPauseBeforeRetry - delivery->first_attempt < record.webhook.retry.total_timeout;
  if (delivery->attempts <= record.webhook.retry.retries && in_time && ShouldRetry(record.webhook.retry, response)) {
    world_.scheduler.After(kPauseBeforeRetry, [this, delivery] { Attempt(delivery); });
    return;
  }
  if (--record.deliveries_left == 0) {
    record.done = true;
    // The log shows the parameters; keeping them a second time would double its size.
    std::string().swap(record.webhook.body);
    http::Headers().swap(record.webhook.headers);
  }
  if (delivery->done) delivery->done(response);
}

void WebhookSender::Reset() {
  ++generation_;
  log_.Clear();
  sent_ = 0;
}

}  // namespace trunkline::twin
