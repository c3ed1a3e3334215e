// The one way by which records that were read leave this service: what is new about them goes into the outbox, in the
// transaction that moves the checkpoint of their page.
//
// What says the same as before is not sent again. Of two readings of one call the one that was asked for later counts;
// where the platform tells when a record changed, a version that is older than the one known is dropped. What this
// service itself finds out about a call (that the platform does not know it any more, that it went on for too long)
// goes the same way, as a fact.
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
#include "services/call-tracking-sync/store/fetch_rows.h"
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

struct RecordBatch {
  std::string pass;  // or what else the records were read for
  webhooks::v1::RecordReason reason = webhooks::v1::RECORD_REASON_SYNC;
  std::vector<tracking::PlatformCall> calls = {};
  std::vector<tracking::BadCall> bad = {};
  std::vector<std::string> gone = {};   // known here, and the platform does not know them any more
  std::vector<std::string> stale = {};  // went on for too long: ended here, until the platform says something else
  std::optional<absl::Time> asked_at = std::nullopt;  // when those were asked for; now, unless set
  // A list that tells calls without some of what a reading by id tells: the new ones are read so, for this reason.
  std::optional<FetchReason> read_whole = std::nullopt;
  std::vector<WantedFetch> wanted = {};  // beside those
  std::optional<CheckpointChange> checkpoint = std::nullopt;
  std::vector<DoneFetch> fetches = {};
};

struct RecordOutcome {
  bool fenced = false;  // another replica owns the account; nothing was done
  int64_t inserted = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t stale = 0;           // of the unchanged: older than what is known
  int64_t gone = 0;            // that were not gone before
  int64_t closed = 0;          // of the stale calls, that went on here
  Checkpoint checkpoint = {};  // as it was written
};

// Whether the call goes on, as far as the record tells.
bool GoesOn(const tracking::TrackedCall& call);

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
