// Places calls, always this one way:
//
//   fields checked -> request_id known? -> account and number chosen -> admission -> intent committed
//     -> provider asked once -> outcome recorded
//
// Nothing is ever asked of the provider twice. When the outcome stays unknown, because the reply was lost or this
// process died, the reconciler finds it out from the ledger (dial_reconciler.h). A request_id that comes again gives
// the call of the first time, as it stands.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/providers/registry.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/account_guard.h"
#include "services/gateway/calls/call_reader.h"
#include "services/gateway/calls/provider_requests.h"
#include "services/gateway/dialing/admission.h"
#include "services/gateway/dialing/dial_ledger.h"
#include "services/gateway/dialing/dial_route.h"
#include "services/gateway/dialing/initiate_checks.h"
#include "services/gateway/metrics/gateway_metrics.h"

namespace trunkline::gateway {

// A dial whose intent is committed, and which the provider has not been asked for yet.
struct PreparedDial {
  std::optional<control::v1::Call> repeated;  // the call of the first time, of a request that comes again; nothing else
  NewDial dial;
  DialRoute route;
  providers::DialOptions options;
};

class DialPipeline {
 public:
  struct Parts {  // all of them outlive the pipeline
    DialLedger& ledger;
    CallReader& reader;
    AccountDirectory& accounts;
    Admission& admission;
    const providers::Registry& registry;
    AccountGuard& guard;
    ProviderRequests& requests;
    GatewayMetrics& metrics;
    const Clock& clock;
    std::function<void()> facts_added;  // wakes the publisher; must not block
  };
  struct Options {
    absl::Duration provider_timeout;  // for one request to the provider's API
    // Beyond it, before the outcome counts as in doubt. Also the longest time between the commit and the question to
    // the provider: a process that slept longer must not dial, since the dial may be found out as not placed already.
    absl::Duration margin;
    absl::Duration first_check = absl::Seconds(2);  // of a dial in doubt; its webhook may be there by then
  };

  DialPipeline(Parts parts, Options options);

  // See CallControlService.InitiateCall. Blocks on PostgreSQL and on the provider.
  absl::StatusOr<control::v1::Call> Initiate(const std::string& business_id,
                                             const control::v1::InitiateCallRequest& request);

  // The steps of Initiate, for whoever asks the provider for many calls at once. Between the two the provider is asked
  // once, unless the dial was repeated or is too late.
  absl::StatusOr<PreparedDial> Prepare(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                                       const std::string& call_id);
  bool IsTooLate(const PreparedDial& prepared) const;
  // Asks the provider for this one call, and finishes it.
  absl::StatusOr<control::v1::Call> Place(const PreparedDial& prepared);
  // The call as it stands, of a dial that is too late.
  absl::StatusOr<control::v1::Call> Look(const PreparedDial& prepared);
  absl::StatusOr<control::v1::Call> Finish(const PreparedDial& prepared, const providers::DialOutcome& outcome);

 private:
  absl::StatusOr<control::v1::Call> Repeat(const std::string& business_id, const KnownRequest& known,
                                           const CheckedRequest& checked);
  absl::StatusOr<DialRoute> Choose(const std::string& business_id, const CheckedRequest& checked);
  DialResolution ResolutionOf(const NewDial& dial, const providers::DialOutcome& outcome) const;
  absl::StatusOr<DialView> Record(const CallIdentity& call, const DialResolution& resolution);

  Parts parts_;
  const Options options_;
};

}  // namespace trunkline::gateway
