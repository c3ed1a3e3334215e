#include "services/gateway/dialing/dial_reconciler.h"

#include <algorithm>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/trace.h"

namespace trunkline::gateway {
namespace {

using providers::ProviderCall;

// Who says that a dial was not placed.
std::string ResolvedBy(const DoubtPolicy& policy) { return policy.list_is_whole ? "listing" : "policy"; }

}  // namespace

absl::StatusOr<bool> DialReconciler::ReconcileOne() {
  const absl::Time now = parts_.clock.Now();
  TL_ASSIGN_OR_RETURN(const std::optional<DoubtfulDial> dial, parts_.dials.Claim(now, now + options_.lease));
  if (!dial.has_value()) return false;
  const TraceScope trace(ChildOf(ParseTraceparent(dial->call.traceparent)));
  absl::Time given_up_at = dial->committed_at + options_.request_time + options_.settle_time;
  const absl::StatusOr<DialFinding> finding = Reconcile(*dial, &given_up_at);
  if (finding.ok() && *finding != DialFinding::kStillInDoubt) {
    parts_.facts_added();
    LogInfo("a dial in doubt was found out", {{"call_id", dial->call.call_id},
                                              {"checks", dial->checks},
                                              {"tried again", *finding == DialFinding::kTriedAgain}});
    return true;
  }
  if (!finding.ok()) {
    LogWarning("a dial in doubt could not be looked after",
               {{"call_id", dial->call.call_id}, {"checks", dial->checks}, {"error", finding.status()}});
  }
  TL_RETURN_IF_ERROR(parts_.dials.Postpone(dial->call.call_id, NextCheck(*dial, finding.status(), given_up_at)));
  return true;
}

absl::StatusOr<DialFinding> DialReconciler::Reconcile(const DoubtfulDial& dial, absl::Time* given_up_at) {
  TL_ASSIGN_OR_RETURN(const bool seen, parts_.dials.ResolveByWebhook(dial, InMicros(parts_.clock.Now())));
  if (seen) {
    parts_.metrics.CountDial(dial.call.provider, "placed");
    return DialFinding::kResolved;
  }
  TL_ASSIGN_OR_RETURN(const Listing listing, AskProvider(dial));
  *given_up_at = GivenUpAt(dial, listing.policy);
  TL_ASSIGN_OR_RETURN(const std::optional<PlannedRetry> retry, PlanRetry(dial, listing));
  std::vector<std::string> ids;
  ids.reserve(listing.calls.size());
  for (const ProviderCall& call : listing.calls) ids.push_back(call.external_call_id);
  const auto decide = [&](const DoubtfulDials::Rivals& rivals) -> std::optional<DialVerdict> {
    std::optional<DialResolution> resolution = Decide(dial, listing, rivals);
    if (!resolution.has_value()) return std::nullopt;
    const bool again = resolution->state == control::v1::DIAL_STATE_NOT_PLACED && retry.has_value();
    return DialVerdict{.resolution = *std::move(resolution), .next = again ? std::optional(retry->dial) : std::nullopt};
  };
  TL_ASSIGN_OR_RETURN(const DialFinding finding, parts_.dials.Resolve(dial, ids, decide));
  // What comes of it is recorded by the pipeline, or found out by the next look at the dial.
  if (finding == DialFinding::kTriedAgain) parts_.pipeline.Place(retry->prepared).status().IgnoreError();
  return finding;
}

absl::StatusOr<std::optional<PlannedRetry>> DialReconciler::PlanRetry(const DoubtfulDial& dial,
                                                                      const Listing& listing) {
  if (parts_.clock.Now() < GivenUpAt(dial, listing.policy)) return std::nullopt;
  return parts_.retry.Plan(dial, ResolvedBy(listing.policy));
}

absl::StatusOr<DialReconciler::Listing> DialReconciler::AskProvider(const DoubtfulDial& dial) {
  TL_ASSIGN_OR_RETURN(const providers::Account account,
                      parts_.accounts.Find(dial.call.business_id, dial.call.provider_account_id));
  const providers::Provider* provider = parts_.registry.Find(account.provider);
  if (provider == nullptr) return absl::FailedPreconditionError("no such provider is built in");
  Listing listing{.policy = DoubtPolicyOf(account, provider->Features()), .calls = {}};
  if (!listing.policy.can_list) return listing;
  TL_ASSIGN_OR_RETURN(listing.calls, parts_.requests.Ask(dial.call, "list_calls", [&] {
    return provider->Client().ListCalls(
        account, {.from = dial.from, .to = dial.to, .created_since = dial.committed_at - options_.clock_skew});
  }));
  return listing;
}

std::optional<DialResolution> DialReconciler::Decide(const DoubtfulDial& dial, const Listing& listing,
                                                     const DoubtfulDials::Rivals& rivals) const {
  const ProviderCall* found = FindCall(dial, listing.calls, rivals);
  DialResolution resolution;
  resolution.at = InMicros(parts_.clock.Now());
  if (found != nullptr) {
    resolution.state = control::v1::DIAL_STATE_PLACED;
    resolution.resolved_by = "listing";
    resolution.external_call_id = found->external_call_id;
    resolution.facts = {
        PlacedFact(dial.call, found->external_call_id, events::v1::EVENT_SOURCE_RECONCILIATION, resolution.at),
        ListedFact(dial.call, found->event, resolution.at)};
    parts_.metrics.CountDial(dial.call.provider, "placed");
    return resolution;
  }
  if (MayBeAmong(dial, listing.calls, rivals) || resolution.at < GivenUpAt(dial, listing.policy)) return std::nullopt;
  resolution.state = control::v1::DIAL_STATE_NOT_PLACED;
  resolution.resolved_by = ResolvedBy(listing.policy);
  resolution.facts = {NotPlacedFact(dial.call, resolution.at)};
  parts_.metrics.CountDial(dial.call.provider, "not_placed");
  return resolution;
}

DialMatch DialReconciler::Match(const DoubtfulDial& dial, const std::vector<ProviderCall>& listed,
                                const DoubtfulDials::Rivals& rivals) const {
  std::vector<UnclaimedCall> calls;
  for (const ProviderCall& call : listed) {
    // One that says whose it is needs no guess, and is nobody else's.
    if (!call.call_id.empty() || rivals.claimed.contains(call.external_call_id)) continue;
    calls.push_back({.external_call_id = call.external_call_id, .created_at = call.created_at});
  }
  return MatchDial(dial.call.call_id, rivals.dials, calls,
                   {.before = options_.clock_skew, .after = options_.request_time + options_.clock_skew});
}

const ProviderCall* DialReconciler::FindCall(const DoubtfulDial& dial, const std::vector<ProviderCall>& listed,
                                             const DoubtfulDials::Rivals& rivals) const {
  const DialMatch match = Match(dial, listed, rivals);
  const auto found = std::find_if(listed.begin(), listed.end(), [&](const ProviderCall& call) {
    if (!call.call_id.empty()) return call.call_id == dial.call.call_id;
    return match.kind == DialMatch::Kind::kCall && call.external_call_id == match.external_call_id;
  });
  return found == listed.end() ? nullptr : &*found;
}

bool DialReconciler::MayBeAmong(const DoubtfulDial& dial, const std::vector<ProviderCall>& listed,
                                const DoubtfulDials::Rivals& rivals) const {
  return Match(dial, listed, rivals).kind != DialMatch::Kind::kNone;
}

absl::Time DialReconciler::GivenUpAt(const DoubtfulDial& dial, const DoubtPolicy& policy) const {
  const absl::Time answered = dial.committed_at + options_.request_time;
  if (policy.list_is_whole) return answered + options_.settle_time;
  return policy.give_up ? answered + policy.wait : absl::InfiniteFuture();
}

absl::Time DialReconciler::NextCheck(const DoubtfulDial& dial, const absl::Status& status,
                                     absl::Time given_up_at) const {
  const absl::Time now = parts_.clock.Now();
  // A retry that waits for its account is looked at when the account may be ready.
  if (const std::optional<absl::Duration> wait = RetryAfterOf(status); wait.has_value()) {
    return now + std::clamp(*wait, options_.first_pause, options_.longest_pause);
  }
  absl::Duration pause = options_.first_pause;
  for (int64_t i = 1; i < dial.checks && pause < options_.longest_pause; ++i) pause *= 2;
  const absl::Time later = now + std::min(pause, options_.longest_pause);
  // The time at which a missing call counts as not placed is not slept over.
  return now < given_up_at ? std::min(later, given_up_at) : later;
}

absl::Status DialReconciler::Measure() {
  TL_ASSIGN_OR_RETURN(const int64_t count, parts_.dials.Count());
  parts_.metrics.SetUnresolvedDials(count);
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
