// What an owner keeps of an account beside its records: how far its passes are, what probes told, what failed.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/passes/checkpoint.h"
#include "services/call-tracking-sync/passes/pass_catalogue.h"

namespace trunkline::tracking_sync {

// An account as one replica owns it. What is written under an epoch that is over is written nowhere.
struct Ownership {
  std::string account_id;
  std::string business_id;
  int64_t epoch = 0;
};

// A reading of a range that somebody asked for.
struct RangeRun {
  std::string run_id;
  std::string kind;  // "backfill" or "recovery"
  absl::Time from;
  absl::Time to;
  std::string state;

  // The name of its pass.
  std::string PassName() const { return kind + ":" + run_id; }
};

struct AccountState {
  bool is_paused = false;
  absl::Time known_since;
  Probes probes = {};
  std::vector<std::string> without_columns = {};
  bool order_violated = false;
  std::map<std::string, Checkpoint> checkpoints = {};  // by pass
  std::vector<RangeRun> runs = {};                     // that are not over
};

class AccountStore {
 public:
  // Across businesses; outlives the object.
  explicit AccountStore(postgres::Pool& pool) : pool_(pool) {}

  // Accounts that are to be read, and those that are not any more. True when something changed.
  struct Known {
    std::string account_id;
    std::string business_id;
    std::string provider;
  };
  absl::StatusOr<bool> SetKnown(const std::vector<Known>& accounts);

  absl::StatusOr<AccountState> Read(std::string_view account_id);
  // Of these accounts: which rest, and which runs there are. Cheap; for every look.
  struct News {
    bool is_paused = false;
    bool order_violated = false;
    std::vector<RangeRun> runs = {};
  };
  absl::StatusOr<News> ReadNews(std::string_view account_id);

  // Each is nothing under an epoch that is over.
  absl::Status SetProbes(const Ownership& owner, const Probes& probes);
  absl::Status AddUnknownColumn(const Ownership& owner, std::string_view column);
  absl::Status SetOrderViolated(const Ownership& owner);
  absl::Status SetError(const Ownership& owner, std::string_view error);
  absl::Status SetClockOffset(const Ownership& owner, absl::Duration offset);
  absl::Status SetRunState(const Ownership& owner, std::string_view run_id, std::string_view state,
                           std::string_view error);
  // A backfill that the synchronization itself wants; once for each key.
  absl::Status AddBackfill(const Ownership& owner, std::string_view key, absl::Time from, absl::Time to);

  // Of calls that began in this hour of the week over the last four weeks: how many there were in a week.
  absl::StatusOr<double> UsualCalls(std::string_view account_id, absl::Time from, absl::Time to);
  // Calls in progress that began between the times, oldest first; without those that went on for too long.
  absl::StatusOr<std::vector<std::string>> LiveCalls(std::string_view account_id, absl::Time from, absl::Time to,
                                                     int most);
  // Calls that began between the times, ended, were read before `read_before` and are not among the `listed`: those
  // that a list of this range, asked for afterwards, should have told. Oldest first.
  absl::StatusOr<std::vector<std::string>> UnlistedCalls(std::string_view account_id, absl::Time from, absl::Time to,
                                                         absl::Time read_before,
                                                         const std::vector<std::string_view>& listed, int most);

 private:
  absl::Status Set(const Ownership& owner, std::string_view assignment, std::vector<postgres::Parameter> parameters);

  postgres::Pool& pool_;
};

}  // namespace trunkline::tracking_sync
