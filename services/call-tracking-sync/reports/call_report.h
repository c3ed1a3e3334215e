// Sums of the calls that call-tracking platforms told of, read from the calls themselves (the view tracking_calls), so
// that they say what the platforms said last.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "trunkline/tracking/v1/tracking_report_service.pb.h"

namespace trunkline::tracking_sync {

class CallReport {
 public:
  // The pool acts for one business at a time, and outlives the object.
  explicit CallReport(postgres::Pool& pool) : pool_(pool) {}

  // INVALID_ARGUMENT names every field that is wrong.
  absl::StatusOr<tracking::v1::ReportCallsResponse> Sum(const std::string& business_id,
                                                        const tracking::v1::ReportCallsRequest& request) const;

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::tracking_sync
