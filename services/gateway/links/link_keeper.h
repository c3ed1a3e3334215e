// Keeps the links of accounts whose providers send their news over a connection (libs/providers/event_link.h).
//
// Each link is kept by one replica at a time, by a lease in the database that it renews; one that cannot renew its
// lease closes the link before the lease ends. Should two overlap all the same, nothing is told twice: the same message
// has the same event_id whoever brings it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/background_worker.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/providers/registry.h"
#include "services/gateway/accounts/credential_vault.h"
#include "services/gateway/links/link_sink.h"

namespace trunkline::gateway {

class LinkKeeper {
 public:
  struct Parts {           // all of them outlive the object
    postgres::Pool& pool;  // across businesses
    const CredentialVault& vault;
    const providers::Registry& registry;
    GatewayMetrics& metrics;
    const Clock& clock;
    std::function<void()> facts_added;
  };

  explicit LinkKeeper(Parts parts);
  // Closes the links and gives up their leases.
  ~LinkKeeper();

  // Looks after all links now instead of a moment later: accounts have changed.
  void Wake() { keeping_->Wake(); }

 private:
  struct Kept {
    providers::Account account;
    std::unique_ptr<OutboxLinkSink> sink;
    std::unique_ptr<providers::EventLink> link;  // ends before its sink

    void Close();
    absl::Time held_until;
  };

  absl::StatusOr<bool> Keep();
  // True when this replica holds the lease now.
  absl::StatusOr<bool> Hold(const std::string& account_id, absl::Time until);
  void Close(const std::string& account_id);
  // Links whose lease could not be renewed.
  void CloseOverdue();

  Parts parts_;
  const std::string holder_;          // of the leases: this process
  std::map<std::string, Kept> kept_;  // by account
  std::unique_ptr<BackgroundWorker> keeping_;
};

}  // namespace trunkline::gateway
