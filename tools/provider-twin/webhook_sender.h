// Sends webhooks the way the settings say: late, lost, doubled, out of order; tries again as each webhook asks; and
// keeps a log of all. Used on the scheduler only.
#pragma once

#include <memory>

#include "tools/provider-twin/bounded_log.h"
#include "tools/provider-twin/webhook.h"
#include "tools/provider-twin/webhook_transport.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin {

class WebhookSender {
 public:
  // Both outlive the sender and what is under way.
  WebhookSender(World& world, WebhookTransport& transport);

  void Send(Webhook webhook, WebhookDone done = nullptr);

  const BoundedLog<std::shared_ptr<WebhookRecord>>& log() const { return log_; }
  int64_t sent() const { return sent_; }
  // Forgets the log and what is not sent yet.
  void Reset();

 private:
  struct Delivery;
  void Schedule(const std::shared_ptr<Delivery>& delivery);
  void Attempt(const std::shared_ptr<Delivery>& delivery);
  void OnResult(const std::shared_ptr<Delivery>& delivery, const absl::StatusOr<http::Response>& response);

  World& world_;
  WebhookTransport& transport_;
  BoundedLog<std::shared_ptr<WebhookRecord>> log_;
  int64_t sent_ = 0;
  uint64_t generation_ = 0;  // counts resets
};

}  // namespace trunkline::twin
