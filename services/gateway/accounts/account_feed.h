// All enabled provider accounts with their credentials in clear, kept up to date, for webhook-ingest and
// call-tracking-sync.
//
// A notification of PostgreSQL wakes it after every change; it also reads anew now and then, in case one was lost. The
// last snapshot goes on to be given while the database is away.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "libs/base/background_worker.h"
#include "libs/postgres/connection.h"
#include "libs/postgres/pool.h"
#include "services/gateway/accounts/credential_vault.h"
#include "services/gateway/accounts/integrations.h"
#include "trunkline/accounts/v1/webhook_account_service.pb.h"

namespace trunkline::gateway {

class AccountFeed {
 public:
  using Snapshot = std::shared_ptr<const accounts::v1::WatchWebhookAccountsResponse>;
  // Given the latest snapshot. Must not block.
  class Subscriber {
   public:
    virtual ~Subscriber() = default;
    virtual void Offer(const Snapshot& snapshot) = 0;
    virtual void End(const absl::Status& status) = 0;
  };

  // Pool and URL are those of the role that works across businesses. `on_change` is told of every change of accounts or
  // numbers, and whenever one may have been missed; it must not block.
  AccountFeed(postgres::Pool& pool, std::string database_url, const CredentialVault& vault,
              const Integrations& integrations, std::function<void()> on_change);

  // Offers the snapshot, if there is one yet, and each later one. UNAVAILABLE SHUTTING_DOWN after Close().
  absl::Status Subscribe(const std::shared_ptr<Subscriber>& subscriber);
  void Unsubscribe(const std::shared_ptr<Subscriber>& subscriber);
  // Ends every subscriber.
  void Close();

  // OK once there is a snapshot.
  absl::Status status() const;

 private:
  absl::StatusOr<bool> Follow();
  absl::Status Read();

  postgres::Pool& pool_;
  const std::string database_url_;
  const CredentialVault& vault_;
  const Integrations& integrations_;
  const std::function<void()> on_change_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  Snapshot snapshot_;
  std::set<std::shared_ptr<Subscriber>> subscribers_;
  std::unique_ptr<postgres::Connection> listener_;  // of the follower alone
  int quiet_looks_ = 0;
  BackgroundWorker follower_;
};

}  // namespace trunkline::gateway
