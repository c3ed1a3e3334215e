// Reads calls of one business: those that the normalizer knows, and those that the gateway dialled a moment ago.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/postgres/pool.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

class CallReader {
 public:
  // Both outlive the object. The pool acts for one business at a time.
  CallReader(postgres::Pool& pool, const Clock& clock) : pool_(pool), clock_(clock) {}

  // NOT_FOUND CALL_NOT_FOUND, also for another business's call.
  absl::StatusOr<control::v1::Call> Get(std::string_view business_id, std::string_view call_id);

  // Newest first. A call that was dialled in the last minutes is listed before the normalizer knows it.
  // INVALID_ARGUMENT for wrong fields, INVALID_PAGE_TOKEN.
  absl::StatusOr<control::v1::ListCallsResponse> List(std::string_view business_id,
                                                      const control::v1::ListCallsRequest& request);

 private:
  postgres::Pool& pool_;
  const Clock& clock_;
};

}  // namespace trunkline::gateway
