// One account at work on this replica: a thread for its passes, one for what webhooks tell, and one for what else its
// owner does.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

#include "services/call-tracking-sync/runs/account_parts.h"
#include "services/call-tracking-sync/runs/fetch_runner.h"
#include "services/call-tracking-sync/runs/pass_runner.h"

namespace trunkline::tracking_sync {

class AccountSync {
 public:
  AccountSync(const AccountParts& parts, Ownership owner);
  // Waits for the steps under way.
  ~AccountSync();

  const Ownership& owner() const { return owner_; }
  // The account is another replica's, or gone.
  bool IsOver() const { return over_; }
  // Begins nothing more.
  void AskToStop();

 private:
  void Run(const std::stop_token& stop, const std::function<absl::StatusOr<StepResult>()>& step);
  absl::StatusOr<StepResult> Upkeep();
  absl::StatusOr<RecordOutcome> Commit(const tracking::Account& account, const RecordBatch& batch);

  const AccountParts parts_;
  const Ownership owner_;
  std::atomic<bool> over_ = false;
  std::mutex committing_;
  std::mutex mutex_;
  std::condition_variable_any never_;
  PassRunner passes_;
  FetchRunner fetches_;
  std::jthread pass_thread_;
  std::jthread fetch_thread_;
  std::jthread upkeep_thread_;
};

}  // namespace trunkline::tracking_sync
