// The budget of requests of all accounts that this replica owns: every request to a platform passes here.
//
//   const Asking asking(Priority::kLive, absl::Seconds(5));
//   client.FetchCall(account, id);  // each of its requests waits its turn, at most 5 s
//
// A request is written into the journal before it is sent. So whatever dies, the next owner knows how much was used,
// and nothing is sent under an epoch that is over. Of one account and resource, requests are written and sent one after
// the other, in the order of their priority.
#pragma once

#include <array>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/tracking/request_gate.h"
#include "services/call-tracking-sync/budget/account_budget.h"
#include "services/call-tracking-sync/budget/request_journal.h"

namespace trunkline::tracking_sync {

// What this thread's requests are for, while the object lives, and how long each of them waits for its turn; innermost
// counts. Without one: kConsistency, 30 s. Work of several requests gets on however slow the pace is, since the time
// begins anew with each.
class Asking {
 public:
  Asking(Priority priority, absl::Duration patience);
  ~Asking();
  Asking(const Asking&) = delete;
  Asking& operator=(const Asking&) = delete;

 private:
  const std::pair<Priority, absl::Duration> before_;
};

class RequestBudget final : public tracking::RequestGate {
 public:
  struct Options {
    // By how much requests may overtake each other on their way to a platform.
    absl::Duration network_margin = absl::Milliseconds(250);
    // A request that was journaled longer ago than this is journaled again before it is sent.
    absl::Duration freshness = absl::Seconds(2);
  };
  using Told = std::function<void(const tracking::SentRequest&)>;

  // All outlive the object. `told` hears of every request after it.
  RequestBudget(RequestJournal& journal, const Clock& clock, Options options, Told told = nullptr);

  // From now on this replica owns the account; an account that is known gets its settings anew.
  absl::Status Take(const tracking::Account& account, const ResourceLimits& limits, int64_t epoch);
  // Nothing is sent while the account rests.
  void SetResting(std::string_view account_id, bool rests);
  // Whoever waits is refused.
  void Drop(std::string_view account_id);

  // When a request of this kind may be sent; InfiniteFuture while the account rests or is another's, or its credentials
  // are refused.
  absl::Time EarliestAt(std::string_view account_id, tracking::Resource resource, Priority priority) const;
  // What is left of hour and day; nothing without such limits.
  std::optional<int64_t> Left(std::string_view account_id, tracking::Resource resource, Priority priority) const;
  void RefuseCredentials(std::string_view account_id);

  // RESOURCE_EXHAUSTED, with the delay, when its turn would come too late. FAILED_PRECONDITION when the account is not
  // this replica's. UNAVAILABLE when the journal cannot be written.
  absl::Status Admit(const tracking::Account& account, tracking::Resource resource, std::string_view endpoint) override;
  void Tell(const tracking::SentRequest& sent) override;

 private:
  struct Owned {
    explicit Owned(AccountBudget b) : budget(std::move(b)) {}
    AccountBudget budget;
    int64_t epoch = 0;
    bool rests = false;
    // Of each resource: those that wait, by priority and arrival; and whether one is being journaled.
    std::array<std::set<std::pair<Priority, int64_t>>, kResources> waiting;
    std::array<bool, kResources> journaling = {};
  };
  using OwnedPtr = std::shared_ptr<Owned>;

  OwnedPtr Find(std::string_view account_id) const;
  static absl::Time EarliestOf(const Owned& owned, absl::Time now, tracking::Resource resource, Priority priority);
  // With the lock: until it is this one's turn.
  absl::Status AwaitTurn(std::unique_lock<std::mutex>& lock, std::string_view account_id, const OwnedPtr& owned,
                         tracking::Resource resource, Priority priority, absl::Time wait_until);
  absl::Status NotOurs(std::string_view account_id) const;

  RequestJournal& journal_;
  const Clock& clock_;
  const Options options_;
  const Told told_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, OwnedPtr, std::less<>> owned_;
  int64_t tickets_ = 0;
};

}  // namespace trunkline::tracking_sync
