#include "services/webhook-ingest/refusal_audit.h"

#include <utility>

#include "libs/base/backoff.h"
#include "libs/rpc/channel.h"

namespace trunkline::webhook_ingest {
namespace {

constexpr size_t kMostWaiting = 10'000;
constexpr int kMostInBatch = 1'000;
constexpr absl::Duration kTimeout = absl::Seconds(5);

}  // namespace

RefusalAudit::RefusalAudit(std::shared_ptr<grpc::Channel> channel, std::string service_token,
                           metrics::Registry& metrics)
    : stub_(audit::v1::RefusedWebhookService::NewStub(std::move(channel))),
      service_token_(std::move(service_token)),
      dropped_(metrics.Counter("trunkline_ingest_audit_dropped_total",
                               "Refused webhooks that did not get into the audit because there were too many.")),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

RefusalAudit::~RefusalAudit() {
  thread_.request_stop();
  thread_.join();
}

void RefusalAudit::Record(audit::v1::RefusedWebhook webhook) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= kMostWaiting) return dropped_.Increment();
    waiting_.push_back(std::move(webhook));
  }
  recorded_.notify_one();
}

void RefusalAudit::Run(const std::stop_token& stop) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(5));
  audit::v1::RecordRefusedWebhooksRequest batch;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      recorded_.wait(lock, stop, [this] { return !waiting_.empty(); });
      while (!waiting_.empty() && batch.webhooks_size() < kMostInBatch) {
        *batch.add_webhooks() = std::move(waiting_.front());
        waiting_.pop_front();
      }
    }
    if (batch.webhooks_size() == 0) return;
    if (SendBatch(batch)) {
      batch.Clear();
      backoff.Reset();
    } else if (stop.stop_requested()) {
      return dropped_.Increment(batch.webhooks_size());
    } else {
      std::unique_lock lock(mutex_);
      recorded_.wait_for(lock, stop, absl::ToChronoMilliseconds(backoff.Next()), [] { return false; });
    }
  }
}

bool RefusalAudit::SendBatch(const audit::v1::RecordRefusedWebhooksRequest& batch) {
  grpc::ClientContext context;
  rpc::Prepare(&context, kTimeout, service_token_);
  audit::v1::RecordRefusedWebhooksResponse response;
  return stub_->RecordRefusedWebhooks(&context, batch, &response).ok();
}

}  // namespace trunkline::webhook_ingest
