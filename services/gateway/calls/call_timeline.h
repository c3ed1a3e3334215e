// Everything that is known of one call, in the order of time: GetCallTimeline.
//
// It is put together from what the suite writes anyway: the ledger of dials, the requests to providers, the audit of
// webhooks and the stored events.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "services/gateway/calls/call_reader.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

class CallTimeline {
 public:
  // Both outlive the object. The pool acts for one business at a time.
  CallTimeline(postgres::Pool& pool, CallReader& reader) : pool_(pool), reader_(reader) {}

  // NOT_FOUND CALL_NOT_FOUND.
  absl::StatusOr<control::v1::GetCallTimelineResponse> Of(const std::string& business_id, const std::string& call_id);

 private:
  postgres::Pool& pool_;
  CallReader& reader_;
};

}  // namespace trunkline::gateway
