#include "services/call-tracking-sync/runs/account_sync.h"

#include <algorithm>
#include <utility>

#include "libs/base/backoff.h"
#include "libs/base/log.h"

namespace trunkline::tracking_sync {

AccountSync::AccountSync(const AccountParts& parts, Ownership owner)
    : parts_(parts),
      owner_(std::move(owner)),
      passes_(parts_, owner_,
              [this](const tracking::Account& account, const RecordBatch& batch) { return Commit(account, batch); }),
      fetches_(parts_, owner_,
               [this](const tracking::Account& account, const RecordBatch& batch) { return Commit(account, batch); }),
      pass_thread_([this](const std::stop_token& stop) { Run(stop, [this] { return passes_.Step(); }); }),
      fetch_thread_([this](const std::stop_token& stop) { Run(stop, [this] { return fetches_.Step(); }); }),
      upkeep_thread_([this](const std::stop_token& stop) {
        if (parts_.upkeep) Run(stop, [this] { return Upkeep(); });
      }) {}

AccountSync::~AccountSync() { AskToStop(); }

void AccountSync::AskToStop() {
  pass_thread_.request_stop();
  fetch_thread_.request_stop();
  upkeep_thread_.request_stop();
  // Whoever waits for a request's turn waits no longer.
  parts_.budget.Drop(owner_.account_id);
}

absl::StatusOr<RecordOutcome> AccountSync::Commit(const tracking::Account& account, const RecordBatch& batch) {
  const std::lock_guard lock(committing_);
  return parts_.records.Commit(owner_, account, batch);
}

absl::StatusOr<StepResult> AccountSync::Upkeep() {
  return parts_.upkeep(
      owner_, [this](const tracking::Account& account, const RecordBatch& batch) { return Commit(account, batch); });
}

void AccountSync::Run(const std::stop_token& stop, const std::function<absl::StatusOr<StepResult>()>& step) {
  Backoff backoff(absl::Milliseconds(100), absl::Seconds(5));
  while (!stop.stop_requested() && !over_) {
    const absl::StatusOr<StepResult> result = step();
    absl::Duration rest;
    if (!result.ok()) {
      rest = backoff.Next();
      LogWarning("an account cannot be synchronized now; trying again",
                 {{"provider_account_id", owner_.account_id}, {"error", result.status()}});
    } else {
      backoff.Reset();
      if (result->over) over_ = true;
      rest = result->wake_at - parts_.clock.Now();
    }
    if (rest <= absl::ZeroDuration()) continue;
    std::unique_lock lock(mutex_);
    never_.wait_for(lock, stop, absl::ToChronoMilliseconds(std::min(rest, absl::Seconds(60))), [] { return false; });
  }
}

}  // namespace trunkline::tracking_sync
