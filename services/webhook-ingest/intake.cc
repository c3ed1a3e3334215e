#include "services/webhook-ingest/intake.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/backoff.h"
#include "libs/base/log.h"
#include "libs/base/text.h"
#include "libs/kafka/cloud_event.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::webhook_ingest {
namespace {

// How many of a set of messages are still on their way, and whether one of them failed.
class Deliveries {
 public:
  explicit Deliveries(size_t count) : left_(count) {}

  void Report(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    if (!status.ok()) failed_ = true;
    if (--left_ == 0) done_.notify_one();
  }

  bool AllDelivered() {
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return left_ == 0; });
    return !failed_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable done_;
  size_t left_;
  bool failed_ = false;
};

}  // namespace

Intake::Intake(Send send, const kafka::Topics& topics, Spool& spool, metrics::Registry& metrics)
    : send_(std::move(send)),
      topics_(topics),
      spool_(spool),
      spooled_(
          metrics.Counter("trunkline_ingest_spooled_total", "Webhooks that went to the spool because Kafka was away.")),
      drained_(metrics.Counter("trunkline_ingest_drained_total", "Webhooks that went from the spool to Kafka.")),
      spool_bytes_(metrics.Gauge("trunkline_ingest_spool_bytes", "Size of the spool.")),
      // What a former process left behind goes first.
      kafka_away_(!spool.empty()),
      drainer_([this](const std::stop_token& stop) { Drain(stop); }) {}

Intake::~Intake() {
  drainer_.request_stop();
  drainer_.join();
  std::unique_lock lock(mutex_);
  released_.wait(lock, [this] { return in_hand_ == 0; });
}

void Intake::Release() {
  const std::lock_guard lock(mutex_);
  if (--in_hand_ == 0) released_.notify_all();
}

kafka::OutgoingMessage Intake::MessageOf(const webhooks::v1::RawWebhook& webhook, std::string value) const {
  return {.topic = topics_.raw_webhooks,
          .key = webhook.call_id(),
          .value = std::move(value),
          .headers = kafka::ToHeaders({.id = webhook.webhook_id(),
                                       .type = Concat("trunkline.webhook.", webhook.event()),
                                       .source = "/trunkline/webhook-ingest",
                                       .subject = webhook.call_id(),
                                       .time = telephony::FromProto(webhook.received_at()),
                                       .data_schema = "trunkline.webhooks.v1.RawWebhook",
                                       .business_id = webhook.business_id(),
                                       .traceparent = webhook.traceparent()})};
}

void Intake::Keep(const webhooks::v1::RawWebhook& webhook, Kept kept) {
  {
    const std::lock_guard lock(mutex_);
    ++in_hand_;
  }
  Kept report = [this, tell = std::move(kept)](const absl::Status& status) {
    tell(status);
    Release();
  };
  std::string record = webhook.SerializeAsString();
  if (kafka_away_) return PutInSpool(std::move(record), std::move(report));
  const auto shared = std::make_shared<Kept>(std::move(report));
  const kafka::OutgoingMessage message = MessageOf(webhook, std::move(record));
  const absl::Status sent = send_(message, [this, shared, value = *message.value](const absl::Status& delivered) {
    if (delivered.ok()) return (*shared)(delivered);
    if (!kafka_away_.exchange(true)) LogWarning("Kafka is away; webhooks go to the spool", {{"error", delivered}});
    PutInSpool(value, std::move(*shared));
  });
  if (!sent.ok()) PutInSpool(*message.value, std::move(*shared));
}

void Intake::PutInSpool(std::string record, Kept kept) {
  spool_.Append(std::move(record), [this, report = std::move(kept)](const absl::Status& status) {
    if (status.ok()) {
      spooled_.Increment();
      spool_bytes_.Set(static_cast<double>(spool_.bytes()));
      { const std::lock_guard lock(mutex_); }
      spool_grew_.notify_one();
    }
    report(status);
  });
}

void Intake::Drain(const std::stop_token& stop) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(2));
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!spool_grew_.wait(lock, stop, [this] { return !spool_.empty(); })) return;
    }
    if (DrainOnce()) {
      backoff.Reset();
      if (kafka_away_.exchange(false)) LogInfo("Kafka is back");
      continue;
    }
    std::unique_lock lock(mutex_);
    spool_grew_.wait_for(lock, stop, absl::ToChronoMilliseconds(backoff.Next()), [] { return false; });
    if (stop.stop_requested()) return;
  }
}

bool Intake::DrainOnce() {
  const absl::StatusOr<std::optional<Spool::Batch>> batch = spool_.ReadOldest();
  if (!batch.ok()) {
    LogError("the spool cannot be read", {{"error", batch.status()}});
    return false;
  }
  if (!batch->has_value()) return true;
  const std::vector<std::string>& records = (*batch)->records;
  Deliveries deliveries(records.size() + 1);
  for (const std::string& record : records) {
    webhooks::v1::RawWebhook webhook;
    // A record with the right digest is what Keep() wrote.
    const bool readable = webhook.ParseFromString(record);
    const absl::Status sent =
        readable ? send_(MessageOf(webhook, record), [&](const absl::Status& status) { deliveries.Report(status); })
                 : absl::DataLossError("a record of the spool is no RawWebhook");
    if (!sent.ok()) deliveries.Report(sent);
  }
  deliveries.Report(absl::OkStatus());
  if (!deliveries.AllDelivered()) return false;
  drained_.Increment(static_cast<double>(records.size()));
  const absl::Status removed = spool_.Remove(**batch);
  if (!removed.ok()) LogError("a file of the spool stays behind and will be sent again", {{"error", removed}});
  spool_bytes_.Set(static_cast<double>(spool_.bytes()));
  return removed.ok();
}

}  // namespace trunkline::webhook_ingest
