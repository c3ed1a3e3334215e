// The one way by which records that were read leave this service: what is new about them goes into the outbox, in the
// transaction that moves the checkpoint of their page.
//
// What says the same as before is not sent again. Of two readings of one call the one that was asked for later counts;
// where the platform tells when a record changed, a version that is older than the one known is dropped.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/tracking/platform_client.h"
#include "services/call-tracking-sync/passes/checkpoint.h"
#include "services/call-tracking-sync/store/account_store.h"
#include "trunkline/webhooks/v1/raw_webhook.pb.h"

namespace trunkline::tracking_sync {

// The place after a page.
struct CheckpointChange {
  std::string pass;
  Checkpoint checkpoint;     // its counters without those of this batch, which the transaction adds
  bool tells_lag = false;    // its watermark is the account's
  bool is_finished = false;  // a run was finished
  bool starts = false;       // a run begins
};

// A fetch that a webhook asked for and that is done with, unless another webhook came meanwhile.
struct DoneFetch {
  std::string external_id;
  absl::Time notified_at;
  int64_t notifications = 0;  // when it was begun
};

struct RecordBatch {
  std::string pass;  // or what else the records were read for
  webhooks::v1::RecordReason reason = webhooks::v1::RECORD_REASON_SYNC;
  std::vector<tracking::PlatformCall> calls = {};
  std::vector<tracking::BadCall> bad = {};
  std::vector<std::string> gone = {};  // the platform does not know them
  std::optional<CheckpointChange> checkpoint = std::nullopt;
  std::vector<DoneFetch> fetches = {};
};

struct RecordOutcome {
  bool fenced = false;  // another replica owns the account; nothing was done
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t stale = 0;           // of the unchanged: older than what is known
  Checkpoint checkpoint = {};  // as it was written
};

class RecordStore {
 public:
  // Both outlive the object. `written` is told after a commit that put something into the outbox.
  RecordStore(postgres::Pool& pool, const Clock& clock, std::function<void()> written)
      : pool_(pool), clock_(clock), written_(std::move(written)) {}

  // One transaction. Batches of one account must not be committed at the same time.
  absl::StatusOr<RecordOutcome> Commit(const Ownership& owner, const tracking::Account& account,
                                       const RecordBatch& batch);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
  const std::function<void()> written_;
};

}  // namespace trunkline::tracking_sync
