// What businesses ask of reconciliations.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "trunkline/tracking/v1/consistency_service.pb.h"

namespace trunkline::tracking_sync {

class ReconciliationRequests {
 public:
  struct Options {
    absl::Duration grace = absl::Hours(1);
    int most_open = 3;  // reconciliations of a business that are not over
  };
  // Both outlive the object. The pool acts for one business at a time.
  ReconciliationRequests(postgres::Pool& pool, const Clock& clock, Options options)
      : pool_(pool), clock_(clock), options_(options) {}

  absl::StatusOr<tracking::v1::Reconciliation> Start(const rpc::Caller& caller,
                                                     const tracking::v1::StartReconciliationRequest& request);
  absl::StatusOr<tracking::v1::Reconciliation> Get(std::string_view business_id, std::string_view reconciliation_id);
  absl::StatusOr<tracking::v1::ListDiscrepanciesResponse> ListDiscrepancies(
      std::string_view business_id, const tracking::v1::ListDiscrepanciesRequest& request);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
  const Options options_;
};

}  // namespace trunkline::tracking_sync
