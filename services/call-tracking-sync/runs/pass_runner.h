// Reads one account's calls, pass by pass, one page a step: asks the planner what comes next and the platform for it,
// and commits what came together with the place after it, while the page after it is read already. Used by one thread;
// blocks.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/call-tracking-sync/passes/planner.h"
#include "services/call-tracking-sync/runs/account_parts.h"
#include "services/call-tracking-sync/runs/read_ahead.h"
#include "services/call-tracking-sync/runs/server_clock.h"

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
    int attempts = 0;                      // of the request in hand, that failed
    bool is_resumed = false;
    bool repeats_empty = false;  // an empty answer is being asked for once more
    std::deque<std::string> live;
  };

  absl::Status Load();
  absl::Status LookForNews();
  absl::Status BeginAccount();
  absl::Status Probe();
  bool MustProbe() const;
  void Plan();

  absl::StatusOr<StepResult> RunPass(size_t index, bool begins);
  absl::StatusOr<StepResult> ReadPage(PassState& state, bool begins);
  void ReadNextAhead(const Pass& pass, const Sequel& sequel);
  absl::StatusOr<StepResult> ReadLive(PassState& state, bool begins);
  absl::StatusOr<StepResult> CommitPage(PassState& state, const tracking::CallPage& page, const PageFacts& facts,
                                        Sequel sequel, bool begins);
  absl::StatusOr<bool> IsSuspiciouslyEmpty(const PassState& state, const PassRun& run, const PageFacts& facts);
  absl::StatusOr<StepResult> DealWith(PassState& state, const PassRun& run, bool begins, const absl::Status& error);
  absl::StatusOr<StepResult> GiveUp(PassState& state, const absl::Status& error);
  absl::Status FinishRun(const PassState& state, std::string_view outcome, std::string_view error);
  absl::StatusOr<tracking::CallPage> FetchBatch(const std::vector<std::string>& ids, std::vector<std::string>* gone);

  PlanInput Input() const;
  absl::Time ServerNow() const { return clock_.At(parts_.clock.Now()); }
  tracking::Resource ResourceOf(const Pass& pass) const;
  void CountRecords(const RecordOutcome& outcome, size_t failed) const;
  std::string_view platform() const { return account_->platform->Name(); }

  const AccountParts parts_;
  const Ownership owner_;
  const CommitRecords commit_;
  TrackedAccountPtr account_;
  TrackedAccountPtr checked_;  // whose platform took its credentials
  Probes probing_;             // what is known of probes under way
  ServerClock clock_;
  bool is_loaded_ = false;
  bool is_begun_ = false;
  absl::Time looked_at_ = absl::InfinitePast();
  AccountState state_;
  std::vector<PassState> passes_;
  std::map<std::string, Memory> memory_;  // by pass
  ReadAhead ahead_;
};

}  // namespace trunkline::tracking_sync
