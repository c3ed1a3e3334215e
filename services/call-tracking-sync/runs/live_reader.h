// Reads the calls that go on, one batch a step, by their ids. Used by one thread; blocks.
#pragma once

#include <deque>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "services/call-tracking-sync/passes/pass.h"
#include "services/call-tracking-sync/runs/account_parts.h"
#include "services/call-tracking-sync/runs/planned_account.h"

namespace trunkline::tracking_sync {

class LiveReader {
 public:
  explicit LiveReader(const AccountParts& parts) : parts_(parts) {}

  // What a step of the pass read. A run begins with the list of what is to be read; of a run that another process began
  // nothing is known, so that it begins anew. A failure of the platform leaves the step to be done again.
  struct Step {
    RecordBatch batch;
    bool is_last = false;
  };
  absl::StatusOr<Step> Read(PlannedAccount* planned, const Pass& pass, bool begins);

 private:
  absl::StatusOr<Step> Begin(const PlannedAccount& planned, const Pass& pass);
  absl::StatusOr<Step> Fetch(PlannedAccount* planned, const Pass& pass, std::deque<std::string>* left);

  const AccountParts parts_;
  std::map<std::string, std::deque<std::string>> left_;  // of each pass whose run was begun here
};

}  // namespace trunkline::tracking_sync
