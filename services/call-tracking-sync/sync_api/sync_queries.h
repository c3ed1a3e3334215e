// How the accounts of a business stand.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "trunkline/tracking/v1/sync_service.pb.h"

namespace trunkline::tracking_sync {

class SyncQueries {
 public:
  // Of one business at a time; outlives the object.
  explicit SyncQueries(postgres::Pool& pool) : pool_(pool) {}

  // PROVIDER_ACCOUNT_NOT_FOUND when the one that is asked for is not there.
  absl::StatusOr<tracking::v1::ListSyncStatusResponse> List(std::string_view business_id,
                                                            const tracking::v1::ListSyncStatusRequest& request);
  absl::Status Pause(const rpc::Caller& caller, const tracking::v1::PauseSyncRequest& request);
  absl::Status Resume(const rpc::Caller& caller, const tracking::v1::ResumeSyncRequest& request);

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::tracking_sync
