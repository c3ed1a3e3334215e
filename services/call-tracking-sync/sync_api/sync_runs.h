// Readings of ranges that somebody asked for.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "trunkline/tracking/v1/sync_service.pb.h"

namespace trunkline::tracking_sync {

class SyncRuns {
 public:
  // Of one business at a time; outlives the object.
  explicit SyncRuns(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<tracking::v1::SyncRun> Start(const rpc::Caller& caller,
                                              const tracking::v1::StartSyncRunRequest& request);
  absl::StatusOr<tracking::v1::SyncRun> Get(std::string_view business_id, std::string_view run_id);
  absl::StatusOr<tracking::v1::ListSyncRunsResponse> List(std::string_view business_id,
                                                          const tracking::v1::ListSyncRunsRequest& request);
  // ILLEGAL_TRANSITION when it is over already.
  absl::StatusOr<tracking::v1::SyncRun> Change(const rpc::Caller& caller,
                                               const tracking::v1::ChangeSyncRunRequest& request);

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::tracking_sync
