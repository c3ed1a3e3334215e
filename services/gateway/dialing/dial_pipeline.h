// Places calls, always this one way:
//
//   fields checked -> request_id known? -> destination allowed? -> accounts and numbers chosen -> admission
//     -> bot made ready, where one is to speak -> intent committed -> provider asked once -> outcome recorded
//
// Nothing is ever asked of the provider twice. When the outcome stays unknown, because the reply was lost or this
// process died, the reconciler finds it out from the ledger (dial_reconciler.h). A request_id that comes again gives
// the call of the first time, as it stands.
//
// Where the business gave the account a failover order, a call that was certainly not placed over it, for a reason that
// another account can mend, goes over the next as another attempt: an intent of its own, under the same call_id. An
// account that rests, whose rate is used up, or which has all the calls in progress that it may have, is passed over
// without being asked. What is in doubt is never tried
// over another account, nor is what the destination or its number was refused for.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/providers/registry.h"
#include "libs/rpc/authenticator.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/account_guard.h"
#include "services/gateway/accounts/destination_policy.h"
#include "services/gateway/calls/call_reader.h"
#include "services/gateway/calls/provider_requests.h"
#include "services/gateway/dialing/admission.h"
#include "services/gateway/dialing/bot_warmer.h"
#include "services/gateway/dialing/dial_ledger.h"
#include "services/gateway/dialing/dial_route.h"
#include "services/gateway/dialing/initiate_checks.h"
#include "services/gateway/metrics/gateway_metrics.h"

namespace trunkline::gateway {

// An attempt whose intent is committed, and which the provider has not been asked for yet.
struct PreparedDial {
  std::optional<control::v1::Call> repeated;  // the call of the first time, of a request that comes again; nothing else
  CallIdentity call;
  std::string to;
  absl::Time committed_at;
  std::optional<CommittedDial> committed;  // how it lies in the ledger, where that is known
  DialRoute route;
  providers::DialOptions options;
  std::vector<DialRoute> others;  // where the call may go over to, in order
  AdmissionRequest admission;     // of the slot that it holds
};

// True when another account may place what this outcome says was not placed.
bool MayGoOver(const providers::DialOutcome& outcome);

class DialPipeline {
 public:
  struct Parts {  // all of them outlive the pipeline
    DialLedger& ledger;
    CallReader& reader;
    AccountDirectory& accounts;
    Admission& admission;
    BotWarmer& bots;
    const providers::Registry& registry;
    AccountGuard& guard;
    const DestinationPolicy& destinations;
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
  absl::StatusOr<control::v1::Call> Initiate(const rpc::Caller& caller,
                                             const control::v1::InitiateCallRequest& request);

  // The steps of Initiate, for whoever asks the provider for many calls at once. Between the two the provider is asked
  // once, unless the dial was repeated or is too late.
  absl::StatusOr<PreparedDial> Prepare(const rpc::Caller& caller, const control::v1::InitiateCallRequest& request,
                                       const std::string& call_id);
  bool IsTooLate(const PreparedDial& prepared) const;
  // Asks the provider for this one call, and finishes it.
  absl::StatusOr<control::v1::Call> Place(const PreparedDial& prepared);
  // The call as it stands, of a dial that is too late.
  absl::StatusOr<control::v1::Call> Look(const PreparedDial& prepared);
  // Records what came of the attempt; or goes over to other accounts, and asks them.
  absl::StatusOr<control::v1::Call> Finish(PreparedDial prepared, providers::DialOutcome outcome);
  // When the reconciler looks after an attempt that was committed now.
  absl::Time CheckAt(absl::Time committed_at) const;

 private:
  absl::StatusOr<control::v1::Call> Repeat(const std::string& business_id, const KnownRequest& known,
                                           const CheckedRequest& checked);
  absl::StatusOr<std::vector<DialRoute>> Choose(const std::string& business_id, const CheckedRequest& checked,
                                                const control::v1::InitiateCallRequest& request);
  // The limits of the caller's key, if any; an error when a destination is blocked, the call's or one of its plan.
  absl::StatusOr<std::optional<KeyLimits>> CheckLimits(const rpc::Caller& caller, const CheckedRequest& checked,
                                                       const plans::v1::CallPlan& plan);
  // Admits the call and commits its first attempt over routes[passed over].
  absl::StatusOr<Commitment> CommitOver(const std::vector<DialRoute>& routes,
                                        const control::v1::InitiateCallRequest& request, NewDial* dial,
                                        AdmissionRequest* admission);
  // Makes the bot ready that the call needs; gives the slot back when it cannot be.
  absl::StatusOr<std::optional<calls::v1::WarmUpResult>> WarmUp(const control::v1::InitiateCallRequest& request,
                                                                const AdmissionRequest& admission);
  providers::DialOutcome Ask(const PreparedDial& prepared);
  // Commits the next attempt over another account; nothing when there is none that can.
  absl::StatusOr<std::optional<PreparedDial>> GoOver(const PreparedDial& prepared,
                                                     const providers::DialOutcome& outcome);
  void Note(const PreparedDial& prepared, const providers::DialOutcome& outcome);
  DialResolution ResolutionOf(const PreparedDial& prepared, const providers::DialOutcome& outcome) const;
  absl::StatusOr<DialView> Record(const PreparedDial& prepared, const DialResolution& resolution);

  Parts parts_;
  const Options options_;
};

}  // namespace trunkline::gateway
