// Reads one account's calls, pass by pass, one page a step: asks the planner what comes next and the platform for it,
// and commits what came together with the place after it, while the page after it is read already. Used by one thread;
// blocks.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/call-tracking-sync/passes/planner.h"
#include "services/call-tracking-sync/runs/account_beginning.h"
#include "services/call-tracking-sync/runs/account_parts.h"
#include "services/call-tracking-sync/runs/live_reader.h"
#include "services/call-tracking-sync/runs/planned_account.h"
#include "services/call-tracking-sync/runs/read_ahead.h"

namespace trunkline::tracking_sync {

class PassRunner {
 public:
  PassRunner(const AccountParts& parts, Ownership owner, CommitRecords commit);

  // UNAVAILABLE and the like when the database is away.
  absl::StatusOr<StepResult> Step();

 private:
  // What is known of a pass beside its checkpoint; gone with the process.
  struct Memory {
    std::unordered_set<std::string> seen;  // ids in this window
    bool saw_all = false;                  // of this window, from its first page on
    int attempts = 0;                      // of the request in hand, that failed
    bool is_resumed = false;
    bool repeats_empty = false;  // an empty answer is being asked for once more
  };

  // A page that was read, or nothing where a window is begun again.
  struct ReadResult {
    tracking::CallPage page = {};
    PageFacts facts = {};
    std::vector<WantedFetch> lost = {};  // calls that it should have told
  };

  absl::Status Load();
  absl::Status LookForNews();

  absl::StatusOr<StepResult> RunPass(size_t index, bool begins);
  absl::StatusOr<StepResult> ReadPage(PassState& state, bool begins);
  void ReadNextAhead(const Pass& pass, const Sequel& sequel);
  absl::StatusOr<StepResult> ReadLive(PassState& state, bool begins);
  absl::StatusOr<StepResult> CommitPage(PassState& state, ReadResult read, Sequel sequel, bool begins);
  absl::StatusOr<StepResult> DealWith(PassState& state, const PassRun& run, bool begins, const absl::Status& error);
  absl::StatusOr<StepResult> GiveUp(PassState& state, const absl::Status& error);
  absl::Status FinishRun(const PassState& state, std::string_view outcome, std::string_view error);

  PlanInput Input() const;
  absl::Time ServerNow() const { return planned_.clock.At(parts_.clock.Now()); }
  tracking::Resource ResourceOf(const Pass& pass) const;
  std::string_view platform() const { return planned_.platform().Name(); }

  const AccountParts parts_;
  const Ownership owner_;
  const CommitRecords commit_;
  PlannedAccount planned_;
  AccountBeginning beginning_;
  LiveReader live_;
  bool is_loaded_ = false;
  bool is_begun_ = false;
  absl::Time looked_at_ = absl::InfinitePast();
  std::map<std::string, Memory> memory_;  // by pass
  ReadAhead ahead_;
};

}  // namespace trunkline::tracking_sync
