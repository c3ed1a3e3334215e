// What may be asked of one account, and when: limits, pauses that the platform asked for, pace, circuit, and how many
// requests are under way. Pure: time is passed in.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/tracking/request_gate.h"
#include "services/call-tracking-sync/budget/circuit.h"
#include "services/call-tracking-sync/budget/pace.h"
#include "services/call-tracking-sync/budget/request_ledger.h"

namespace trunkline::tracking_sync {

inline constexpr size_t kResources = 4;
using ResourceLimits = std::array<tracking::RequestLimits, kResources>;

// A request of the journal.
struct JournaledRequest {
  tracking::Resource resource = tracking::Resource::kOther;
  Priority priority = Priority::kConsistency;
  absl::Time sent_at;
};

// What outlives the process beside the journal.
struct Allowance {
  std::array<absl::Time, kResources> paused_until;
  std::array<double, kResources> pace;
  absl::Time paced_at = absl::InfinitePast();
  Circuit::State circuit;

  Allowance();
  bool operator==(const Allowance&) const = default;
};

class AccountBudget {
 public:
  AccountBudget(const ResourceLimits& limits, absl::Duration margin);

  // As the settings say now.
  void SetLimits(const ResourceLimits& limits);
  void SetCredentials(std::string digest) { credentials_ = std::move(digest); }
  // What an earlier owner did, oldest first.
  void Restore(const std::vector<JournaledRequest>& journal, const Allowance& allowance);

  // The earliest time at which a request may be sent; InfiniteFuture while the credentials are refused. Requests under
  // way may be in its way besides (HasRoom).
  absl::Time EarliestAt(absl::Time now, tracking::Resource resource, Priority priority) const;
  // False while as many are under way as the platform takes.
  bool HasRoom(tracking::Resource resource) const;
  std::optional<int64_t> Left(absl::Time now, tracking::Resource resource, Priority priority) const;

  void Send(absl::Time now, tracking::Resource resource, Priority priority);
  // It was not sent after all.
  void Withdraw(tracking::Resource resource);
  // The platform does not take the account's credentials; until there are others nothing is sent.
  void RefuseCredentials() { circuit_.RefuseCredentials(credentials_); }
  // What came of it. True when the allowance changed.
  bool Answer(absl::Time now, const tracking::SentRequest& sent);

  Allowance allowance(absl::Time now) const;

 private:
  struct Part {
    RequestLedger ledger;
    Pace pace;
    absl::Time paused_until = absl::InfinitePast();
    int in_flight = 0;
  };
  Part& PartOf(tracking::Resource resource) { return parts_[static_cast<size_t>(resource)]; }
  const Part& PartOf(tracking::Resource resource) const { return parts_[static_cast<size_t>(resource)]; }

  std::vector<Part> parts_;
  Circuit circuit_;
  std::string credentials_;
};

}  // namespace trunkline::tracking_sync
