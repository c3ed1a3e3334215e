#include "services/gateway/dialing/dial_pipeline.h"

#include <utility>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/stopwatch.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/telephony/timestamps.h"
#include "services/gateway/accounts/doubt_policy.h"
#include "services/gateway/accounts/plan_destinations.h"

namespace trunkline::gateway {
namespace {

using control::v1::Call;
using control::v1::InitiateCallRequest;
using providers::DialOutcome;

constexpr int kRecordTries = 3;
// From before a slot is asked for, which may take a minute, to the intent: the governor gives a slot up when it has
// heard nothing of its call for two minutes.
constexpr absl::Duration kLongestAdmitted = absl::Seconds(90);

// For errors of PostgreSQL that a client can do nothing about but ask again.
absl::Status Away(const absl::Status& cause, std::string_view doing) {
  LogWarning("a dial could not go on", {{"doing", doing}, {"error", cause}});
  return WithRetryAfter(
      Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
            Concat(doing, " is not possible now; ask again with the same request_id, which places the call only once")),
      absl::Seconds(1));
}

// An account that was not asked, as the ledger tells of it.
EndedAttempt PassedOver(int64_t number, const DialRoute& route, const absl::Status& why, absl::Time at) {
  EndedAttempt attempt{.number = number,
                       .provider_account_id = route.account.id,
                       .from = route.from,
                       .state = control::v1::DIAL_STATE_NOT_PLACED,
                       .resolved_by = "passed_over",
                       .committed_at = at,
                       .resolved_at = at,
                       .error = {}};
  const bool limited = why.code() == absl::StatusCode::kResourceExhausted;
  attempt.error.set_code(limited ? calls::v1::CALL_ERROR_CODE_RATE_LIMITED : calls::v1::CALL_ERROR_CODE_UNAVAILABLE);
  attempt.error.set_message(std::string(ToStd(why.message())));
  attempt.error.set_retryable(true);
  return attempt;
}

CallIdentity IdentityOf(const CallIdentity& call, const DialRoute& route, int64_t attempt) {
  CallIdentity identity = call;
  identity.provider = route.account.provider;
  identity.provider_account_id = route.account.id;
  identity.attempt = attempt;
  return identity;
}

// The error whose RetryInfo comes first.
void KeepSooner(const absl::Status& refusal, absl::Status* kept) {
  if (kept->ok() || RetryAfterOf(refusal) < RetryAfterOf(*kept)) *kept = refusal;
}

}  // namespace

bool MayGoOver(const DialOutcome& outcome) {
  if (outcome.kind != DialOutcome::Kind::kRejected) return false;
  switch (outcome.error.code()) {
    case calls::v1::CALL_ERROR_CODE_RATE_LIMITED:
    case calls::v1::CALL_ERROR_CODE_UNAVAILABLE:
    case calls::v1::CALL_ERROR_CODE_UNAUTHORIZED:
      return true;
    default:
      return false;
  }
}

DialPipeline::DialPipeline(Parts parts, Options options) : parts_(std::move(parts)), options_(options) {}

absl::StatusOr<Call> DialPipeline::Initiate(const rpc::Caller& caller, const InitiateCallRequest& request) {
  TL_ASSIGN_OR_RETURN(PreparedDial prepared, Prepare(caller, request, NewUuid(parts_.clock.Now())));
  if (prepared.repeated.has_value()) return *std::move(prepared.repeated);
  return Place(prepared);
}

absl::StatusOr<Call> DialPipeline::Look(const PreparedDial& prepared) {
  return parts_.reader.Get(prepared.call.business_id, prepared.call.call_id);
}

DialOutcome DialPipeline::Ask(const PreparedDial& prepared) {
  return parts_.requests.Ask(prepared.call, "place_call", [&] {
    return prepared.route.provider->Client().PlaceCall(
        prepared.route.account, {.call_id = prepared.call.call_id, .to = prepared.to, .options = prepared.options});
  });
}

absl::StatusOr<Call> DialPipeline::Place(const PreparedDial& prepared) {
  if (IsTooLate(prepared)) return Look(prepared);
  return Finish(prepared, Ask(prepared));
}

absl::Time DialPipeline::CheckAt(absl::Time committed_at) const {
  return committed_at + options_.margin + options_.provider_timeout + options_.margin;
}

absl::StatusOr<PreparedDial> DialPipeline::Prepare(const rpc::Caller& caller, const InitiateCallRequest& request,
                                                   const std::string& call_id) {
  TL_ASSIGN_OR_RETURN(const CheckedRequest checked, CheckInitiate(request));
  const std::string& business_id = caller.business_id;
  Stopwatch stopwatch(parts_.clock);
  PreparedDial prepared;
  const auto earlier = parts_.ledger.FindRequest(business_id, checked.request_id);
  if (!earlier.ok()) return Away(earlier.status(), "looking for the request");
  parts_.metrics.ObserveStage("find", stopwatch.Lap());
  if (earlier->has_value()) {
    TL_ASSIGN_OR_RETURN(prepared.repeated, Repeat(business_id, **earlier, checked));
    return prepared;
  }

  NewDial dial;
  TL_ASSIGN_OR_RETURN(dial.key_limits, CheckLimits(caller, checked, request.plan()));
  TL_ASSIGN_OR_RETURN(std::vector<DialRoute> routes, Choose(business_id, checked, request));
  parts_.metrics.ObserveStage("select", stopwatch.Lap());

  dial.call.call_id = call_id;
  dial.call.business_id = business_id;
  dial.call.traceparent = CurrentTrace().ToTraceparent();
  dial.request_id = checked.request_id;
  dial.body_sha256 = checked.body_sha256;
  dial.to = checked.to;
  dial.plan = request.plan().SerializeAsString();
  dial.campaign_id = request.campaign_id();
  if (request.has_dial_before()) dial.dial_before = telephony::FromProto(request.dial_before());
  InitiateCallRequest stored = request;
  stored.clear_plan();
  dial.request = stored.SerializeAsString();
  dial.api_key_id = caller.api_key_id;

  absl::Status refusal;
  for (size_t i = 0; i < routes.size(); ++i) {
    absl::Status passed = parts_.guard.MayDial(routes[i].account.id);
    if (passed.ok()) {
      TL_ASSIGN_OR_RETURN(Commitment commitment, CommitOver(routes, request, &dial, &prepared.admission));
      if (commitment.earlier.has_value()) {
        TL_ASSIGN_OR_RETURN(prepared.repeated, Repeat(business_id, *commitment.earlier, checked));
        return prepared;
      }
      passed = commitment.account_refusal;
      prepared.committed = std::move(commitment.dial);
    }
    if (passed.ok()) {
      parts_.facts_added();
      prepared.call = dial.call;
      prepared.to = dial.to;
      prepared.committed_at = dial.committed_at;
      prepared.options = DialOptionsOf(request, routes[i].from);
      prepared.others.assign(routes.begin() + static_cast<std::ptrdiff_t>(i) + 1, routes.end());
      prepared.route = std::move(routes[i]);
      return prepared;
    }
    KeepSooner(passed, &refusal);
    dial.passed_over.push_back(
        PassedOver(static_cast<int64_t>(i) + 1, routes[i], passed, InMicros(parts_.clock.Now())));
  }
  return refusal;
}

absl::StatusOr<Commitment> DialPipeline::CommitOver(const std::vector<DialRoute>& routes,
                                                    const InitiateCallRequest& request, NewDial* dial,
                                                    AdmissionRequest* admission) {
  const size_t at = dial->passed_over.size();
  const DialRoute& route = routes[at];
  *admission = {.business_id = dial->call.business_id,
                .provider_account_id = route.account.id,
                .call_id = dial->call.call_id,
                .attempt = static_cast<int64_t>(at) + 1,
                .caller_number = route.from,
                .campaign_id = request.campaign_id(),
                .attempt_id = request.attempt_id(),
                .slot_id = request.slot_id()};
  Stopwatch stopwatch(parts_.clock);
  absl::Time admitted_at = parts_.clock.Now();
  if (absl::Status refusal = parts_.admission.Acquire(*admission); !refusal.ok()) {
    if (!AnotherAccountMayPass(refusal)) return refusal;
    return Commitment{.earlier = std::nullopt, .account_refusal = std::move(refusal)};
  }
  parts_.metrics.ObserveStage("admit", stopwatch.Lap());
  TL_ASSIGN_OR_RETURN(const std::optional<calls::v1::WarmUpResult> warm_up, WarmUp(request, *admission));
  if (warm_up.has_value()) {
    // The slot may have been given up meanwhile.
    admitted_at = parts_.clock.Now();
    if (absl::Status refusal = parts_.admission.Acquire(*admission); !refusal.ok()) {
      parts_.admission.Release(*admission);
      return refusal;
    }
  }

  dial->call = IdentityOf(dial->call, route, static_cast<int64_t>(at) + 1);
  dial->from = route.from;
  dial->rates = route.rates;
  // Read after admission and warm-up, which may have waited: the intent's times count from here.
  dial->committed_at = InMicros(parts_.clock.Now());
  dial->check_at = CheckAt(dial->committed_at);
  if (dial->committed_at - admitted_at > kLongestAdmitted) {
    parts_.admission.Release(*admission);
    return Away(absl::DeadlineExceededError("this process stood still after the slot was granted"), "placing the call");
  }
  // What was asked for is told as it was asked for; what became of it follows.
  dial->facts = {RequestedFact(IdentityOf(dial->call, routes.front(), 1), request, routes.front().from, dial->to,
                               dial->committed_at)};
  if (warm_up.has_value()) *dial->facts.front().mutable_details()->mutable_warm_up() = *warm_up;
  for (const EndedAttempt& passed : dial->passed_over) {
    const DialRoute& past = routes[static_cast<size_t>(passed.number) - 1];
    dial->facts.push_back(
        AttemptFailedFact(IdentityOf(dial->call, past, passed.number), passed.from, passed.error, dial->committed_at));
  }
  if (at > 0) dial->facts.push_back(NextAttemptFact(dial->call, dial->from, dial->committed_at));

  absl::StatusOr<Commitment> committed = parts_.ledger.Commit(*dial);
  parts_.metrics.ObserveStage("commit", stopwatch.Lap());
  if (!committed.ok()) {
    // With UNKNOWN the intent may be there, and its slot with it: the call's events end the slot.
    if (committed.status().code() != absl::StatusCode::kUnknown) parts_.admission.Release(*admission);
    if (ReasonOf(committed.status()) != Reason::REASON_UNSPECIFIED) return committed.status();
    return Away(committed.status(), "committing the dial");
  }
  if (committed->earlier.has_value() || !committed->account_refusal.ok()) parts_.admission.Release(*admission);
  return committed;
}

absl::StatusOr<std::optional<calls::v1::WarmUpResult>> DialPipeline::WarmUp(const InitiateCallRequest& request,
                                                                            const AdmissionRequest& admission) {
  const std::optional<control::v1::BotWarmUp> bot = parts_.bots.BotOf(
      request.has_warm_up() ? &request.warm_up() : nullptr, /*of_campaign=*/!request.campaign_id().empty());
  if (!bot.has_value()) return std::nullopt;
  absl::StatusOr<calls::v1::WarmUpResult> ready = parts_.bots.MakeReady(*bot, {.business_id = admission.business_id,
                                                                               .call_id = admission.call_id,
                                                                               .campaign_id = admission.campaign_id,
                                                                               .attempt_id = admission.attempt_id});
  if (!ready.ok()) {
    parts_.admission.Release(admission);
    return ready.status();
  }
  return *std::move(ready);
}

absl::StatusOr<Call> DialPipeline::Repeat(const std::string& business_id, const KnownRequest& known,
                                          const CheckedRequest& checked) {
  if (known.body_sha256 != checked.body_sha256) {
    return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED,
                 Concat("request_id ", checked.request_id, " came before with another body; take a new one"),
                 {{"call_id", known.call_id}});
  }
  return parts_.reader.Get(business_id, known.call_id);
}

absl::StatusOr<std::optional<KeyLimits>> DialPipeline::CheckLimits(const rpc::Caller& caller,
                                                                   const CheckedRequest& checked,
                                                                   const plans::v1::CallPlan& plan) {
  const auto limits = parts_.accounts.LimitsOf(caller.business_id);
  if (!limits.ok()) return Away(limits.status(), "reading the destination rules");
  const std::vector<DestinationRule>& rules = (*limits)->destination_rules;
  TL_RETURN_IF_ERROR(parts_.destinations.Check(checked.to, rules));
  TL_RETURN_IF_ERROR(CheckPlanDestinations(parts_.destinations, rules, plan));
  const auto key = (*limits)->keys.find(caller.api_key_id);
  return key == (*limits)->keys.end() ? std::nullopt : std::optional(key->second);
}

absl::StatusOr<std::vector<DialRoute>> DialPipeline::Choose(const std::string& business_id,
                                                            const CheckedRequest& checked,
                                                            const InitiateCallRequest& request) {
  const RouteWish wish{.account_id = checked.provider_account_id,
                       .from = checked.from,
                       .record = request.record(),
                       .detect_machine = request.detect_machine()};
  const auto accounts = parts_.accounts.Of(business_id);
  if (!accounts.ok()) return Away(accounts.status(), "reading the provider accounts");
  absl::StatusOr<std::vector<DialRoute>> routes = ChooseRoutes(**accounts, parts_.registry, wish);
  if (routes.ok()) return routes;
  // What is remembered may be old: an account or number that was added a moment ago must work.
  const auto fresh = parts_.accounts.FreshlyOf(business_id);
  if (!fresh.ok()) return Away(fresh.status(), "reading the provider accounts");
  return ChooseRoutes(**fresh, parts_.registry, wish);
}

bool DialPipeline::IsTooLate(const PreparedDial& prepared) const {
  if (parts_.clock.Now() - prepared.committed_at <= options_.margin) return false;
  LogWarning("a dial came too late to be asked for", {{"call_id", prepared.call.call_id}});
  return true;
}

absl::StatusOr<Call> DialPipeline::Finish(PreparedDial prepared, DialOutcome outcome) {
  while (true) {
    Note(prepared, outcome);
    TL_ASSIGN_OR_RETURN(std::optional<PreparedDial> next, GoOver(prepared, outcome));
    if (!next.has_value()) break;
    prepared = *std::move(next);
    if (IsTooLate(prepared)) return Look(prepared);
    outcome = Ask(prepared);
  }
  Stopwatch stopwatch(parts_.clock);
  const absl::StatusOr<DialView> view = Record(prepared, ResolutionOf(prepared, outcome));
  parts_.metrics.ObserveStage("record", stopwatch.Lap());
  if (!view.ok()) return Away(view.status(), "recording what came of the dial");
  parts_.facts_added();
  return ShowCall(std::nullopt, *view);
}

void DialPipeline::Note(const PreparedDial& prepared, const DialOutcome& outcome) {
  parts_.guard.Note(prepared.call.provider_account_id, outcome);
  if (outcome.error.code() == calls::v1::CALL_ERROR_CODE_RATE_LIMITED) {
    parts_.admission.NoteRefusal(prepared.call.business_id, prepared.call.provider_account_id);
  }
  parts_.metrics.CountDial(prepared.call.provider, NameOf(outcome.kind));
  LogInfo("dialled", {{"call_id", prepared.call.call_id},
                      {"business_id", prepared.call.business_id},
                      {"provider_account_id", prepared.call.provider_account_id},
                      {"attempt", prepared.call.attempt},
                      {"to", MaskNumber(prepared.to)},
                      {"outcome", NameOf(outcome.kind)},
                      {"milliseconds", absl::ToInt64Milliseconds(parts_.clock.Now() - prepared.committed_at)}});
}

absl::StatusOr<std::optional<PreparedDial>> DialPipeline::GoOver(const PreparedDial& prepared,
                                                                 const DialOutcome& outcome) {
  if (prepared.others.empty() || !MayGoOver(outcome)) return std::nullopt;
  const absl::Time ended_at = InMicros(parts_.clock.Now());
  NextDial dial;
  dial.ended = {{.number = prepared.call.attempt,
                 .provider_account_id = prepared.call.provider_account_id,
                 .from = prepared.options.from,
                 .state = control::v1::DIAL_STATE_REJECTED,
                 .resolved_by = "reply",
                 .committed_at = prepared.committed_at,
                 .resolved_at = ended_at,
                 .error = outcome.error}};
  dial.facts = {AttemptFailedFact(prepared.call, prepared.options.from, outcome.error, ended_at)};
  PreparedDial next = prepared;
  next.committed.reset();
  for (size_t i = 0; i < prepared.others.size(); ++i) {
    next.route = prepared.others[i];
    next.call = IdentityOf(prepared.call, next.route, dial.ended.back().number + 1);
    absl::Status passed = parts_.guard.MayDial(next.route.account.id);
    if (passed.ok()) {
      // A slot is one of an account; the call holds one at a time.
      parts_.admission.Release(next.admission);
      next.admission.attempt = next.call.attempt;
      next.admission.provider_account_id = next.route.account.id;
      next.admission.caller_number = next.route.from;
      passed = parts_.admission.Acquire(next.admission);
    }
    if (passed.ok()) {
      next.committed_at = InMicros(parts_.clock.Now());
      next.options.from = next.route.from;
      next.others.assign(prepared.others.begin() + static_cast<std::ptrdiff_t>(i) + 1, prepared.others.end());
      NextDial attempt = dial;
      attempt.call = next.call;
      attempt.from = next.route.from;
      attempt.rates = next.route.rates;
      attempt.committed_at = next.committed_at;
      attempt.check_at = CheckAt(next.committed_at);
      attempt.facts.push_back(NextAttemptFact(next.call, next.route.from, next.committed_at));
      const absl::StatusOr<bool> committed = parts_.ledger.CommitNext(attempt);
      if (committed.ok()) {
        parts_.facts_added();
        // False: somebody else found out about the attempt before, and nothing is to be dialled.
        return *committed ? std::optional(std::move(next)) : std::nullopt;
      }
      passed = committed.status();
      // Neither attempt is asked for any more; the reconciler finds out about the one that is committed.
      if (ReasonOf(passed) != Reason::REASON_RATE_LIMITED) return Away(passed, "going over to another account");
    }
    dial.ended.push_back(PassedOver(next.call.attempt, next.route, passed, InMicros(parts_.clock.Now())));
    dial.facts.push_back(
        AttemptFailedFact(next.call, next.route.from, dial.ended.back().error, dial.ended.back().resolved_at));
  }
  return std::nullopt;
}

DialResolution DialPipeline::ResolutionOf(const PreparedDial& prepared, const DialOutcome& outcome) const {
  const CallIdentity& call = prepared.call;
  DialResolution resolution;
  resolution.at = InMicros(parts_.clock.Now());
  resolution.check_at = resolution.at + options_.first_check;
  switch (outcome.kind) {
    case DialOutcome::Kind::kPlaced:
      resolution.state = control::v1::DIAL_STATE_PLACED;
      resolution.external_call_id = outcome.external_call_id;
      resolution.resolved_by = "reply";
      // Of a bulk it may become known by webhook only.
      if (outcome.external_call_id.empty()) break;
      resolution.facts.push_back(
          PlacedFact(call, outcome.external_call_id, events::v1::EVENT_SOURCE_GATEWAY, resolution.at));
      resolution.is_told_again =
          DoubtPolicyOf(prepared.route.account, prepared.route.provider->Features()).list_is_whole;
      break;
    case DialOutcome::Kind::kRejected:
      resolution.state = control::v1::DIAL_STATE_REJECTED;
      resolution.resolved_by = "reply";
      resolution.facts.push_back(RejectedFact(call, outcome.error, resolution.at));
      break;
    case DialOutcome::Kind::kInDoubt:
      resolution.state = control::v1::DIAL_STATE_IN_DOUBT;
      resolution.facts.push_back(InDoubtFact(call, outcome.error, resolution.at));
      break;
  }
  return resolution;
}

absl::StatusOr<DialView> DialPipeline::Record(const PreparedDial& prepared, const DialResolution& resolution) {
  absl::StatusOr<DialView> view;
  // A broken connection is replaced on the next try. Recording again is safe: the intent is resolved once.
  for (int i = 0; i < kRecordTries; ++i) {
    view = parts_.ledger.Resolve(prepared.call, resolution, prepared.committed);
    const absl::StatusCode code = view.status().code();
    if (code != absl::StatusCode::kUnavailable && code != absl::StatusCode::kUnknown &&
        code != absl::StatusCode::kAborted) {
      return view;
    }
  }
  return view;
}

}  // namespace trunkline::gateway
