// Where requests are written down before they are sent, so that whoever comes after a crash knows what was used up.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/call-tracking-sync/budget/account_budget.h"

namespace trunkline::tracking_sync {

// Thread-safe; blocks.
class RequestJournal {
 public:
  virtual ~RequestJournal() = default;

  struct Memory {
    std::vector<JournaledRequest> requests;  // of the last day, oldest first, in this process's time
    Allowance allowance;
  };
  virtual absl::StatusOr<Memory> Read(std::string_view account_id, absl::Time now) = 0;
  // FAILED_PRECONDITION when another replica owns the account by now. OK: it is kept.
  virtual absl::Status Write(std::string_view account_id, int64_t epoch, tracking::Resource resource,
                             Priority priority) = 0;
  virtual absl::Status WriteAllowance(std::string_view account_id, int64_t epoch, const Allowance& allowance,
                                      absl::Time now) = 0;
};

}  // namespace trunkline::tracking_sync
