#include "services/webhook-ingest/intake.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/backoff.h"
#include "libs/base/log.h"
#include "libs/webhooks/raw_webhook_message.h"

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

struct Intake::InHand {
  Intake& intake;
  kafka::OutgoingMessage message;
  Kept kept;
};

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

void Intake::Keep(const webhooks::v1::RawWebhook& webhook, Kept kept) {
  {
    const std::lock_guard lock(mutex_);
    ++in_hand_;
  }
  const auto in_hand = std::make_shared<InHand>(
      InHand{*this, webhooks::MessageOf(webhook, webhook.SerializeAsString(), topics_.raw_webhooks), std::move(kept)});
  if (kafka_away_) return PutInSpool(in_hand);
  const absl::Status sent =
      send_(in_hand->message, [in_hand](const absl::Status& status) { in_hand->intake.OnDelivered(in_hand, status); });
  if (!sent.ok()) PutInSpool(in_hand);
}

void Intake::OnDelivered(const std::shared_ptr<InHand>& webhook, const absl::Status& status) {
  if (status.ok()) return Report(*webhook, status);
  if (!kafka_away_.exchange(true)) LogWarning("Kafka is away; webhooks go to the spool", {{"error", status}});
  PutInSpool(webhook);
}

void Intake::PutInSpool(std::shared_ptr<InHand> webhook) {
  std::string record = *std::move(webhook->message.value);
  spool_.Append(std::move(record), [this, in_hand = std::move(webhook)](const absl::Status& status) {
    if (status.ok()) {
      spooled_.Increment();
      spool_bytes_.Set(static_cast<double>(spool_.bytes()));
      { const std::lock_guard lock(mutex_); }
      spool_grew_.notify_one();
    }
    Report(*in_hand, status);
  });
}

void Intake::Report(InHand& webhook, const absl::Status& status) {
  webhook.kept(status);
  const std::lock_guard lock(mutex_);
  if (--in_hand_ == 0) released_.notify_all();
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
    const absl::Status sent = readable ? send_(webhooks::MessageOf(webhook, record, topics_.raw_webhooks),
                                               [&](const absl::Status& status) { deliveries.Report(status); })
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
