// Keeps this replica's accounts: joins, beats, takes what nobody reads, and lets go what is not to be read any more. A
// thread of its own.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/ownership/replica.h"
#include "services/call-tracking-sync/runs/account_sync.h"

namespace trunkline::tracking_sync {

class AccountKeeper {
 public:
  struct Options {
    std::string database_url;  // role trunkline_tracking_worker
    std::string address;       // told to whoever asks who reads an account
    absl::Duration heartbeat = absl::Seconds(10);
    absl::Duration silence = absl::Minutes(1);
    absl::Duration look = absl::Seconds(1);  // for what nobody reads
  };

  AccountKeeper(const AccountParts& parts, Options options);
  ~AccountKeeper();

  // Hands everything over to other replicas, and ends. Callable once.
  void Stop();
  // OK while it has joined.
  absl::Status status() const;

 private:
  void Run(const std::stop_token& stop);
  absl::Status Round();
  absl::Status Look(absl::Time now);
  absl::Status TellKnown();
  // Ends the work on all of them.
  std::vector<ownership::Ownership> DropAll();
  void SetStatus(absl::Status status);

  const AccountParts parts_;
  const Options options_;
  // Of the thread.
  std::unique_ptr<ownership::Replica> replica_;
  std::map<std::string, std::unique_ptr<AccountSync>> running_;
  std::shared_ptr<const TrackedAccountMap> told_;
  absl::Time beaten_at_;
  absl::Time looked_at_;
  bool changed_ = false;

  mutable std::mutex mutex_;
  absl::Status status_;
  std::jthread thread_;
};

}  // namespace trunkline::tracking_sync
