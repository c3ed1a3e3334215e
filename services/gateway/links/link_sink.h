// Where the messages of a provider's link go: into the outbox, from where they travel to the normalizer like every
// webhook; and what follows from the list of live calls that a link tells when it has connected.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/providers/event_link.h"
#include "services/gateway/metrics/gateway_metrics.h"

namespace trunkline::gateway {

class OutboxLinkSink final : public providers::LinkSink {
 public:
  struct Parts {           // all of them outlive the sink
    postgres::Pool& pool;  // across businesses
    GatewayMetrics& metrics;
    const Clock& clock;
    std::function<void()> facts_added;
  };

  OutboxLinkSink(Parts parts, const providers::Account& account)
      : parts_(std::move(parts)),
        account_id_(account.id),
        business_id_(account.business_id),
        provider_(account.provider) {}

  // Waits while the database is away, and lets the provider wait.
  void OnMessage(webhooks::v1::RawWebhook message) override;
  // A live call is entered as the provider tells it. A call of ours that was placed well before and is not among them
  // has ended, nobody knows how: it is entered as ended by the system.
  void OnLiveCalls(const std::vector<providers::ProviderCall>& live, absl::Time at) override;
  void OnState(const absl::Status& state) override;

  // Ends a wait for the database, and every later one: the link is about to be closed. What it could not keep is told
  // again as far as the calls are live when it is opened the next time.
  void Stop();

 private:
  // False when it was stopped before, or can never be done.
  bool UntilDone(std::string_view work, const std::function<absl::Status()>& attempt);
  absl::Status Reconcile(const std::vector<providers::ProviderCall>& live, absl::Time at);

  Parts parts_;
  const std::string account_id_;
  const std::string business_id_;
  const std::string provider_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stop_ = false;
};

}  // namespace trunkline::gateway
