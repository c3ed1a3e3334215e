#include "services/gateway/dialing/dial_pipeline.h"

#include <utility>

#include "libs/base/ids.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/stopwatch.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"

namespace trunkline::gateway {
namespace {

using control::v1::Call;
using control::v1::InitiateCallRequest;
using providers::DialOutcome;

constexpr int kRecordTries = 3;

// For errors of PostgreSQL that a client can do nothing about but ask again.
absl::Status Away(const absl::Status& cause, std::string_view doing) {
  LogWarning("a dial could not go on", {{"doing", doing}, {"error", cause}});
  return WithRetryAfter(
      Error(absl::StatusCode::kUnavailable, Reason::REASON_DEPENDENCY_UNAVAILABLE,
            Concat(doing, " is not possible now; ask again with the same request_id, which places the call only once")),
      absl::Seconds(1));
}

}  // namespace

DialPipeline::DialPipeline(Parts parts, Options options) : parts_(std::move(parts)), options_(options) {}

absl::StatusOr<Call> DialPipeline::Initiate(const std::string& business_id, const InitiateCallRequest& request) {
  TL_ASSIGN_OR_RETURN(PreparedDial prepared, Prepare(business_id, request, NewUuid(parts_.clock.Now())));
  if (prepared.repeated.has_value()) return *std::move(prepared.repeated);
  return Place(prepared);
}

absl::StatusOr<Call> DialPipeline::Look(const PreparedDial& prepared) {
  return parts_.reader.Get(prepared.dial.call.business_id, prepared.dial.call.call_id);
}

absl::StatusOr<Call> DialPipeline::Place(const PreparedDial& prepared) {
  if (IsTooLate(prepared)) return Look(prepared);
  const DialOutcome outcome = parts_.requests.Ask(prepared.dial.call, "place_call", [&] {
    return prepared.route.provider->Client().PlaceCall(
        prepared.route.account,
        {.call_id = prepared.dial.call.call_id, .to = prepared.dial.to, .options = prepared.options});
  });
  return Finish(prepared, outcome);
}

absl::StatusOr<PreparedDial> DialPipeline::Prepare(const std::string& business_id, const InitiateCallRequest& request,
                                                   const std::string& call_id) {
  TL_ASSIGN_OR_RETURN(const CheckedRequest checked, CheckInitiate(request));
  Stopwatch stopwatch(parts_.clock);
  PreparedDial prepared;
  const auto earlier = parts_.ledger.FindRequest(business_id, checked.request_id);
  if (!earlier.ok()) return Away(earlier.status(), "looking for the request");
  if (earlier->has_value()) {
    TL_ASSIGN_OR_RETURN(prepared.repeated, Repeat(business_id, **earlier, checked));
    return prepared;
  }

  TL_ASSIGN_OR_RETURN(prepared.route, Choose(business_id, checked));
  TL_RETURN_IF_ERROR(parts_.guard.MayDial(prepared.route.account.id));
  parts_.metrics.ObserveStage("select", stopwatch.Lap());

  NewDial& dial = prepared.dial;
  dial.call = {.call_id = call_id,
               .business_id = business_id,
               .provider = prepared.route.account.provider,
               .provider_account_id = prepared.route.account.id,
               .traceparent = CurrentTrace().ToTraceparent()};
  dial.request_id = checked.request_id;
  dial.body_sha256 = checked.body_sha256;
  dial.from = prepared.route.from;
  dial.to = checked.to;
  dial.plan = request.plan().SerializeAsString();
  dial.campaign_id = request.campaign_id();
  prepared.options = {.from = prepared.route.from,
                      .ring_timeout = checked.ring_timeout,
                      .time_limit = checked.time_limit,
                      .record = request.record(),
                      .detect_machine = request.detect_machine()};

  const AdmissionRequest admission = {.business_id = business_id,
                                      .provider_account_id = prepared.route.account.id,
                                      .call_id = call_id,
                                      .caller_number = prepared.route.from,
                                      .campaign_id = request.campaign_id(),
                                      .attempt_id = request.attempt_id()};
  TL_RETURN_IF_ERROR(parts_.admission.Acquire(admission));
  parts_.metrics.ObserveStage("admit", stopwatch.Lap());

  // Read after admission, which may have waited: the intent's times count from here.
  dial.committed_at = InMicros(parts_.clock.Now());
  dial.check_at = dial.committed_at + options_.margin + options_.provider_timeout + options_.margin;
  dial.requested = RequestedFact(dial.call, request, dial.from, dial.to, dial.committed_at);
  const auto committed = parts_.ledger.Commit(dial);
  if (!committed.ok()) {
    // With UNKNOWN the intent may be there, and its slot with it: the call's events end the slot.
    if (committed.status().code() != absl::StatusCode::kUnknown) parts_.admission.Release(admission);
    return Away(committed.status(), "committing the dial");
  }
  if (committed->has_value()) {
    parts_.admission.Release(admission);
    TL_ASSIGN_OR_RETURN(prepared.repeated, Repeat(business_id, **committed, checked));
    return prepared;
  }
  parts_.facts_added();
  parts_.metrics.ObserveStage("commit", stopwatch.Lap());
  return prepared;
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

absl::StatusOr<DialRoute> DialPipeline::Choose(const std::string& business_id, const CheckedRequest& checked) {
  const auto accounts = parts_.accounts.Of(business_id);
  if (!accounts.ok()) return Away(accounts.status(), "reading the provider accounts");
  absl::StatusOr<DialRoute> route = ChooseRoute(**accounts, parts_.registry, checked.provider_account_id, checked.from);
  if (route.ok()) return route;
  // What is remembered may be old: an account or number that was added a moment ago must work.
  const auto fresh = parts_.accounts.FreshlyOf(business_id);
  if (!fresh.ok()) return Away(fresh.status(), "reading the provider accounts");
  return ChooseRoute(**fresh, parts_.registry, checked.provider_account_id, checked.from);
}

bool DialPipeline::IsTooLate(const PreparedDial& prepared) const {
  if (parts_.clock.Now() - prepared.dial.committed_at <= options_.margin) return false;
  LogWarning("a dial came too late to be asked for", {{"call_id", prepared.dial.call.call_id}});
  return true;
}

absl::StatusOr<Call> DialPipeline::Finish(const PreparedDial& prepared, const DialOutcome& outcome) {
  const NewDial& dial = prepared.dial;
  parts_.guard.Note(dial.call.provider_account_id, outcome);
  if (outcome.error.code() == calls::v1::CALL_ERROR_CODE_RATE_LIMITED) {
    parts_.admission.NoteRefusal(dial.call.business_id, dial.call.provider_account_id);
  }
  const DialResolution resolution = ResolutionOf(dial, outcome);
  parts_.metrics.CountDial(dial.call.provider, NameOf(outcome.kind));
  LogInfo("dialled", {{"call_id", dial.call.call_id},
                      {"business_id", dial.call.business_id},
                      {"provider_account_id", dial.call.provider_account_id},
                      {"to", MaskNumber(dial.to)},
                      {"outcome", NameOf(outcome.kind)},
                      {"milliseconds", absl::ToInt64Milliseconds(resolution.at - dial.committed_at)}});
  Stopwatch stopwatch(parts_.clock);
  const absl::StatusOr<DialView> view = Record(dial.call, resolution);
  parts_.metrics.ObserveStage("record", stopwatch.Lap());
  if (!view.ok()) return Away(view.status(), "recording what came of the dial");
  parts_.facts_added();
  return ShowCall(std::nullopt, *view);
}

DialResolution DialPipeline::ResolutionOf(const NewDial& dial, const DialOutcome& outcome) const {
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
          PlacedFact(dial.call, outcome.external_call_id, events::v1::EVENT_SOURCE_GATEWAY, resolution.at));
      break;
    case DialOutcome::Kind::kRejected:
      resolution.state = control::v1::DIAL_STATE_REJECTED;
      resolution.resolved_by = "reply";
      resolution.facts.push_back(RejectedFact(dial.call, outcome.error, resolution.at));
      break;
    case DialOutcome::Kind::kInDoubt:
      resolution.state = control::v1::DIAL_STATE_IN_DOUBT;
      resolution.facts.push_back(InDoubtFact(dial.call, outcome.error, resolution.at));
      break;
  }
  return resolution;
}

absl::StatusOr<DialView> DialPipeline::Record(const CallIdentity& call, const DialResolution& resolution) {
  absl::StatusOr<DialView> view;
  // A broken connection is replaced on the next try. Recording again is safe: the intent is resolved once.
  for (int i = 0; i < kRecordTries; ++i) {
    view = parts_.ledger.Resolve(call, resolution);
    const absl::StatusCode code = view.status().code();
    if (code != absl::StatusCode::kUnavailable && code != absl::StatusCode::kUnknown &&
        code != absl::StatusCode::kAborted) {
      return view;
    }
  }
  return view;
}

}  // namespace trunkline::gateway
