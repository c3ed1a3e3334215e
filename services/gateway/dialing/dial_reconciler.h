// Finds out what became of dials whose outcome is not known: the reply was lost, or the gateway died before it had one.
//
//   a webhook of the call was seen         -> placed
//   the provider lists exactly its call    -> placed, with what the provider tells of it
//   the provider lists none, long enough   -> not placed; where the provider cannot tell, the business's policy decides
//                                             (doubt_policy.h). The call has failed and may be asked for again, unless
//                                             its account's policy tries it again here (dial_retry.h)
//   anything else                          -> still in doubt; asked again later, less and less often
//
// It dials nothing but those retries, each as an attempt of its own that is committed first. Any replica, any number of
// threads: each dial is taken by one of them at a time.
#pragma once

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/providers/registry.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/doubt_policy.h"
#include "services/gateway/calls/provider_requests.h"
#include "services/gateway/dialing/dial_matching.h"
#include "services/gateway/dialing/dial_pipeline.h"
#include "services/gateway/dialing/dial_retry.h"
#include "services/gateway/dialing/doubtful_dials.h"
#include "services/gateway/metrics/gateway_metrics.h"

namespace trunkline::gateway {

class DialReconciler {
 public:
  struct Parts {  // all of them outlive the object
    DoubtfulDials& dials;
    AccountDirectory& accounts;
    const providers::Registry& registry;
    ProviderRequests& requests;
    DialRetry& retry;
    DialPipeline& pipeline;
    GatewayMetrics& metrics;
    const Clock& clock;
    std::function<void()> facts_added;
  };
  struct Options {
    // After the commit, by when the provider has been asked and has answered or not: the pipeline's margin, the API
    // timeout, and the margin again.
    absl::Duration request_time;
    absl::Duration settle_time;  // how much later the provider's listing is complete
    absl::Duration clock_skew;   // between the provider's clock and ours
    absl::Duration lease = absl::Minutes(2);
    absl::Duration first_pause = absl::Seconds(2);
    absl::Duration longest_pause = absl::Minutes(5);
  };

  DialReconciler(Parts parts, Options options) : parts_(std::move(parts)), options_(options) {}

  // Looks after one dial. True when there was one that was due.
  absl::StatusOr<bool> ReconcileOne();
  // Tells the metrics how many are in doubt.
  absl::Status Measure();

 private:
  // Also tells when a call that is still missing counts as not placed, once that is known.
  absl::StatusOr<DialFinding> Reconcile(const DoubtfulDial& dial, absl::Time* given_up_at);
  // What the provider told, and how far it may be relied on.
  struct Listing {
    DoubtPolicy policy;
    std::vector<providers::ProviderCall> calls;
  };

  absl::StatusOr<Listing> AskProvider(const DoubtfulDial& dial);
  std::optional<DialResolution> Decide(const DoubtfulDial& dial, const Listing& listing,
                                       const DoubtfulDials::Rivals& rivals) const;
  // The retry that would follow if the dial is found out as not placed now.
  absl::StatusOr<std::optional<PlannedRetry>> PlanRetry(const DoubtfulDial& dial, const Listing& listing);
  DialMatch Match(const DoubtfulDial& dial, const std::vector<providers::ProviderCall>& listed,
                  const DoubtfulDials::Rivals& rivals) const;
  // The dial's call; null when it is not there, or cannot be told from others.
  const providers::ProviderCall* FindCall(const DoubtfulDial& dial, const std::vector<providers::ProviderCall>& listed,
                                          const DoubtfulDials::Rivals& rivals) const;
  bool MayBeAmong(const DoubtfulDial& dial, const std::vector<providers::ProviderCall>& listed,
                  const DoubtfulDials::Rivals& rivals) const;
  // When a call that is not found counts as not placed.
  absl::Time GivenUpAt(const DoubtfulDial& dial, const DoubtPolicy& policy) const;
  absl::Time NextCheck(const DoubtfulDial& dial, const absl::Status& status, absl::Time given_up_at) const;

  Parts parts_;
  const Options options_;
};

}  // namespace trunkline::gateway
