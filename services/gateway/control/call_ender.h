// Ends calls.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "services/gateway/calls/provider_requests.h"
#include "services/gateway/control/call_carrier.h"
#include "services/gateway/dialing/dial_ledger.h"

namespace trunkline::gateway {

class CallEnder {
 public:
  struct Parts {  // all of them outlive the object
    CallReader& reader;
    CallCarriers& carriers;
    DialLedger& ledger;
    ProviderRequests& requests;
    const Clock& clock;
    std::function<void()> facts_added;
  };

  explicit CallEnder(Parts parts) : parts_(std::move(parts)) {}

  // The call after the provider agreed to end it, or as it is when it has ended already. FAILED_PRECONDITION
  // DIAL_IN_DOUBT while the provider's id of the call is not known.
  absl::StatusOr<control::v1::Call> End(const std::string& business_id, const std::string& call_id);

 private:
  Parts parts_;
};

}  // namespace trunkline::gateway
