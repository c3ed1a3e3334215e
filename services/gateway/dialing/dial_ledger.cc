#include "services/gateway/dialing/dial_ledger.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "services/gateway/request/quota_errors.h"

namespace trunkline::gateway {
namespace {

using calls::v1::CallState;
using events::v1::CallEvent;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

std::string Serialized(const CallState& state) { return state.SerializeAsString(); }

constexpr std::string_view kReadRequest =
    "SELECT call_id, body_sha256 FROM call_requests WHERE business_id = $1 AND request_id = $2";

std::optional<KnownRequest> KnownRequestOf(const Result& rows) {
  if (rows.empty()) return std::nullopt;
  return KnownRequest{.call_id = rows.String(0, 0), .body_sha256 = rows.Bytes(0, 1)};
}

// The intent's row, locked until the transaction ends.
absl::StatusOr<std::optional<DialView>> LockDial(Transaction& tx, std::string_view call_id) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT ", DialColumns("d"), " FROM dial_intents d WHERE call_id = $1 FOR UPDATE"), {call_id}));
  if (rows.empty()) return std::nullopt;
  TL_ASSIGN_OR_RETURN(DialView dial, DialOfRow(rows, 0, 0));
  TL_RETURN_IF_ERROR(AddEarlierAttempts(tx, call_id, &dial));
  return dial;
}

// Takes one of the account's rate; to be done last, since the account's other dials wait for the end of the
// transaction.
absl::Status TakeFromAccount(Transaction& tx, const CallIdentity& call, const std::vector<RateLimit>& rates) {
  TL_ASSIGN_OR_RETURN(const std::optional<RateRefusal> refusal,
                      TakeRate(tx, call.provider_account_id, call.business_id, rates));
  if (!refusal.has_value()) return absl::OkStatus();
  return QuotaExceeded(Reason::REASON_RATE_LIMITED,
                       {.subject_kind = "provider_account",
                        .subject = call.provider_account_id,
                        .limit = refusal->limit.name,
                        .most = Concat(refusal->limit.most)},
                       refusal->wait);
}

absl::Status InsertAttempts(Transaction& tx, const CallIdentity& call, const std::vector<EndedAttempt>& attempts) {
  for (const EndedAttempt& attempt : attempts) {
    TL_RETURN_IF_ERROR(InsertAttempt(tx, call.business_id, call.call_id, attempt));
  }
  return absl::OkStatus();
}

// Request, intent and first fact in one statement. It writes nothing when the request_id is known; a request with the
// same id that is being committed right now is waited for.
constexpr std::string_view kInsertDial =
    "WITH request AS (INSERT INTO call_requests (business_id, request_id, body_sha256, call_id, created_at, "
    "api_key_id) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING call_id, "
    "clock_timestamp() AS begun_at), "
    "fact AS (INSERT INTO call_facts_outbox (business_id, call_id, message, created_at) "
    "SELECT $1, call_id, $7, $5 FROM request) "
    "INSERT INTO dial_intents (call_id, business_id, provider_account_id, from_number, to_number, plan, state, "
    "committed_at, check_at, traceparent, campaign_id, facts, attempt, request) "
    "SELECT call_id, $1, $8, $9, $10, $11, 'committed', $5, $12, $13, $14, $15, $16, $17 FROM request "
    "RETURNING (SELECT begun_at > $18 FROM request)";

std::vector<Parameter> ParametersOf(const NewDial& dial, const std::string& facts) {
  return {dial.call.business_id,
          dial.request_id,
          Parameter::Bytes(dial.body_sha256),
          dial.call.call_id,
          dial.committed_at,
          Parameter::TextOrNull(dial.api_key_id),
          Parameter::Bytes(MessageOf(dial.call, dial.facts.front(), dial.committed_at).SerializeAsString()),
          dial.call.provider_account_id,
          dial.from,
          dial.to,
          Parameter::Bytes(dial.plan),
          dial.check_at,
          Parameter::TextOrNull(dial.call.traceparent),
          Parameter::TextOrNull(dial.campaign_id),
          Parameter::Bytes(facts),
          dial.call.attempt,
          Parameter::Bytes(dial.request),
          dial.dial_before};
}

// What a dial writes beside its intent, and what may refuse it.
bool NeedsMoreThanInsert(const NewDial& dial) {
  return dial.facts.size() > 1 || !dial.passed_over.empty() || dial.key_limits.has_value() || !dial.rates.empty() ||
         dial.dial_before.has_value();
}

DialView ViewOf(const NewDial& dial, CallState facts) {
  return {.state = control::v1::DIAL_STATE_COMMITTED,
          .committed_at = dial.committed_at,
          .attempt = dial.call.attempt,
          .attempt_committed_at = dial.committed_at,
          .provider_account_id = dial.call.provider_account_id,
          .from = dial.from,
          .earlier = {},
          .resolved_at = std::nullopt,
          .resolved_by = {},
          .facts = std::move(facts)};
}

// A reply or a webhook names the call; a listing is read by numbers and times. When the two give the same call to two
// dials, the listing's reading was wrong and its dial is in doubt again.
absl::Status Unguess(Transaction& tx, const CallIdentity& call, const DialResolution& resolution) {
  return tx
      .Execute(
          "UPDATE dial_intents SET state = 'in_doubt', external_call_id = NULL, resolved_by = NULL, "
          "resolved_at = NULL, check_at = $4 WHERE provider_account_id = $1 AND external_call_id = $2 "
          "AND call_id <> $3 AND resolved_by = 'listing'",
          {call.provider_account_id, resolution.external_call_id, call.call_id, resolution.at})
      .status();
}

bool IsUnresolved(control::v1::DialState state) {
  return state == control::v1::DIAL_STATE_COMMITTED || state == control::v1::DIAL_STATE_IN_DOUBT;
}

void Apply(const DialResolution& resolution, DialView* dial) {
  dial->state = resolution.state;
  dial->resolved_by = resolution.resolved_by;
  if (!IsUnresolved(resolution.state)) dial->resolved_at = resolution.at;
  for (const CallEvent& fact : resolution.facts) telephony::Merge(telephony::Lift(fact), &dial->facts);
}

// What a resolution sets of the intent's row, which is $1, and the values of $1 to $7.
constexpr std::string_view kSetResolution =
    "UPDATE dial_intents SET state = $2, external_call_id = $3, resolved_by = $4, resolved_at = $5, "
    "check_at = coalesce($6, check_at), facts = $7 WHERE call_id = $1";

std::vector<Parameter> ParametersOf(const CallIdentity& call, const DialResolution& resolution,
                                    const DialView& resolved) {
  return {call.call_id,
          NameOf(resolution.state),
          Parameter::TextOrNull(resolution.external_call_id),
          Parameter::TextOrNull(resolution.resolved_by),
          resolved.resolved_at,
          IsUnresolved(resolution.state) ? Parameter(resolution.check_at) : Parameter(std::nullopt),
          Parameter::Bytes(Serialized(resolved.facts))};
}

}  // namespace

absl::Status AddToOutbox(Transaction& tx, const CallIdentity& call, const CallEvent& fact, absl::Time now) {
  return tx
      .Execute("INSERT INTO call_facts_outbox (business_id, call_id, message, created_at) VALUES ($1, $2, $3, $4)",
               {call.business_id, call.call_id, Parameter::Bytes(MessageOf(call, fact, now).SerializeAsString()), now})
      .status();
}

absl::StatusOr<std::optional<DialView>> ResolveDial(Transaction& tx, const CallIdentity& call,
                                                    const DialResolution& resolution) {
  TL_ASSIGN_OR_RETURN(std::optional<DialView> dial, LockDial(tx, call.call_id));
  if (!dial.has_value()) return absl::NotFoundError(ToAbsl(Concat("no dial of call ", call.call_id)));
  if (dial->attempt != call.attempt) {
    // Whoever asked had more time than an attempt has, or the other attempt could not have begun.
    LogError("an attempt that was given up has an outcome",
             {{"call_id", call.call_id}, {"attempt", call.attempt}, {"state", NameOf(resolution.state)}});
    return std::nullopt;
  }
  if (!IsUnresolved(dial->state) || dial->state == resolution.state) return std::nullopt;

  if (!resolution.external_call_id.empty() && resolution.resolved_by != "listing") {
    TL_RETURN_IF_ERROR(Unguess(tx, call, resolution));
  }
  Apply(resolution, &*dial);
  TL_RETURN_IF_ERROR(tx.Execute(kSetResolution, ParametersOf(call, resolution, *dial)).status());
  for (const CallEvent& fact : resolution.facts) TL_RETURN_IF_ERROR(AddToOutbox(tx, call, fact, resolution.at));
  return dial;
}

absl::StatusOr<std::optional<KnownRequest>> DialLedger::FindRequest(std::string_view business_id,
                                                                    std::string_view request_id) {
  TL_ASSIGN_OR_RETURN(const Result rows, pool_.ExecuteInBusiness(business_id, kReadRequest, {business_id, request_id}));
  return KnownRequestOf(rows);
}

absl::StatusOr<SettledRequest> DialLedger::SettleRequest(std::string_view business_id, std::string_view request_id) {
  SettledRequest settled;
  const absl::Status probed = pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::Status {
    // The key of a request that is being committed is waited for. Nothing of the probe stays.
    TL_ASSIGN_OR_RETURN(
        const Result probe,
        tx.Execute(Concat("INSERT INTO call_requests (business_id, request_id, body_sha256, call_id) VALUES ($1, $2, "
                          "'', gen_random_uuid()) ON CONFLICT DO NOTHING RETURNING ",
                          postgres::Micros("clock_timestamp()")),
                   {business_id, request_id}));
    if (!probe.empty()) {
      settled.now = probe.Time(0, 0).value_or(absl::InfinitePast());
      return absl::AbortedError("no such request");
    }
    TL_ASSIGN_OR_RETURN(const Result known,
                        tx.Execute(Concat("SELECT call_id, ", postgres::Micros("clock_timestamp()"),
                                          " FROM call_requests WHERE business_id = $1 AND request_id = $2"),
                                   {business_id, request_id}));
    if (known.empty()) return absl::InternalError("a request is neither new nor known");
    settled.call_id = known.String(0, 0);
    settled.now = known.Time(0, 1).value_or(absl::InfinitePast());
    return absl::OkStatus();
  });
  if (!probed.ok() && !(probed.code() == absl::StatusCode::kAborted && settled.now > absl::InfinitePast())) {
    return probed;
  }
  return settled;
}

absl::StatusOr<bool> CommitNextDial(Transaction& tx, const NextDial& next) {
  TL_ASSIGN_OR_RETURN(std::optional<DialView> dial, LockDial(tx, next.call.call_id));
  if (!dial.has_value()) return absl::NotFoundError(ToAbsl(Concat("no dial of call ", next.call.call_id)));
  if (dial->attempt != next.ended.front().number || !IsUnresolved(dial->state)) return false;
  TL_RETURN_IF_ERROR(InsertAttempts(tx, next.call, next.ended));
  for (const CallEvent& fact : next.facts) telephony::Merge(telephony::Lift(fact), &dial->facts);
  TL_RETURN_IF_ERROR(
      tx.Execute("UPDATE dial_intents SET state = 'committed', attempt = $2, attempt_committed_at = $3, "
                 "provider_account_id = $4, from_number = $5, check_at = $6, checks = 0, external_call_id = NULL, "
                 "resolved_by = NULL, resolved_at = NULL, facts = $7 WHERE call_id = $1",
                 {next.call.call_id, next.call.attempt, next.committed_at, next.call.provider_account_id, next.from,
                  next.check_at, Parameter::Bytes(Serialized(dial->facts))})
          .status());
  for (const CallEvent& fact : next.facts) TL_RETURN_IF_ERROR(AddToOutbox(tx, next.call, fact, next.committed_at));
  TL_RETURN_IF_ERROR(TakeFromAccount(tx, next.call, next.rates));
  return true;
}

absl::StatusOr<Commitment> DialLedger::Commit(const NewDial& dial) {
  const std::string& business_id = dial.call.business_id;
  CallState facts;
  for (const CallEvent& fact : dial.facts) telephony::Merge(telephony::Lift(fact), &facts);
  const std::string facts_column = Serialized(facts);
  const std::vector<Parameter> parameters = ParametersOf(dial, facts_column);
  Commitment commitment;
  bool is_new = false;
  if (NeedsMoreThanInsert(dial)) {
    const absl::Status committed = pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::Status {
      TL_ASSIGN_OR_RETURN(const Result inserted, tx.Execute(kInsertDial, parameters));
      is_new = inserted.affected() > 0;
      if (!is_new) return absl::OkStatus();
      // Read after the key was waited for, so that whoever settles a request keeps all out that begin after it.
      if (inserted.Boolean(0, 0)) {
        return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_DIAL_TOO_LATE,
                     "the time before which the call was to be dialled is over; it was not dialled");
      }
      for (size_t i = 1; i < dial.facts.size(); ++i) {
        TL_RETURN_IF_ERROR(AddToOutbox(tx, dial.call, dial.facts[i], dial.committed_at));
      }
      TL_RETURN_IF_ERROR(InsertAttempts(tx, dial.call, dial.passed_over));
      if (dial.key_limits.has_value()) {
        TL_RETURN_IF_ERROR(TakeFromKey(tx, business_id, *dial.key_limits, dial.call.call_id));
      }
      commitment.account_refusal = TakeFromAccount(tx, dial.call, dial.rates);
      return commitment.account_refusal;
    });
    if (ReasonOf(commitment.account_refusal) == Reason::REASON_RATE_LIMITED) return commitment;
    TL_RETURN_IF_ERROR(committed);
  } else {
    TL_ASSIGN_OR_RETURN(const Result inserted, pool_.ExecuteInBusiness(business_id, kInsertDial, parameters));
    is_new = inserted.affected() > 0;
  }
  if (!is_new) {
    TL_ASSIGN_OR_RETURN(commitment.earlier, FindRequest(business_id, dial.request_id));
    if (!commitment.earlier.has_value()) return absl::InternalError("a request is neither new nor known");
    return commitment;
  }
  if (dial.call.attempt == 1) commitment.dial = {.view = ViewOf(dial, std::move(facts)), .facts = facts_column};
  return commitment;
}

absl::StatusOr<bool> DialLedger::CommitNext(const NextDial& next) {
  return pool_.InBusiness(next.call.business_id, [&](Transaction& tx) { return CommitNextDial(tx, next); });
}

absl::StatusOr<DialView> DialLedger::Resolve(const CallIdentity& call, const DialResolution& resolution,
                                             const std::optional<CommittedDial>& committed) {
  if (committed.has_value() && resolution.facts.size() == 1) {
    TL_ASSIGN_OR_RETURN(std::optional<DialView> resolved, ResolveUnchanged(call, resolution, *committed));
    if (resolved.has_value()) return *std::move(resolved);
  }
  return pool_.InBusiness(call.business_id, [&](Transaction& tx) -> absl::StatusOr<DialView> {
    TL_ASSIGN_OR_RETURN(std::optional<DialView> resolved, ResolveDial(tx, call, resolution));
    if (!resolved.has_value()) {
      TL_ASSIGN_OR_RETURN(resolved, LockDial(tx, call.call_id));
    }
    return *std::move(resolved);
  });
}

absl::StatusOr<std::optional<DialView>> DialLedger::ResolveUnchanged(const CallIdentity& call,
                                                                     const DialResolution& resolution,
                                                                     const CommittedDial& committed) {
  static const std::string resolve = Concat(
      "WITH resolved AS (", kSetResolution, " AND state = 'committed' AND attempt = $8 AND facts = $9 ",
      "RETURNING business_id, call_id) INSERT INTO call_facts_outbox (business_id, call_id, message, created_at) ",
      "SELECT business_id, call_id, $10, $11 FROM resolved");
  static const std::string resolve_without_waiting =
      Concat(resolve, " WHERE set_config('synchronous_commit', 'off', true) <> ''");
  DialView dial = committed.view;
  Apply(resolution, &dial);
  std::vector<Parameter> parameters = ParametersOf(call, resolution, dial);
  parameters.emplace_back(call.attempt);
  parameters.push_back(Parameter::Bytes(committed.facts));
  parameters.push_back(Parameter::Bytes(MessageOf(call, resolution.facts.front(), resolution.at).SerializeAsString()));
  parameters.emplace_back(resolution.at);
  const absl::StatusOr<Result> inserted = pool_.ExecuteInBusiness(
      call.business_id, resolution.is_told_again ? resolve_without_waiting : resolve, parameters);
  // Another dial was thought to be this call: what is to be done then takes more than one statement.
  if (inserted.status().code() == absl::StatusCode::kAlreadyExists) return std::nullopt;
  if (!inserted.ok()) return inserted.status();
  return inserted->affected() == 1 ? std::optional(std::move(dial)) : std::nullopt;
}

absl::Status DialLedger::AddFact(const CallIdentity& call, const CallEvent& fact, absl::Time now) {
  return pool_.InBusiness(call.business_id, [&](Transaction& tx) -> absl::Status {
    TL_ASSIGN_OR_RETURN(std::optional<DialView> dial, LockDial(tx, call.call_id));
    if (dial.has_value()) {
      telephony::Merge(telephony::Lift(fact), &dial->facts);
      TL_RETURN_IF_ERROR(tx.Execute("UPDATE dial_intents SET facts = $2 WHERE call_id = $1",
                                    {call.call_id, Parameter::Bytes(Serialized(dial->facts))})
                             .status());
    }
    return AddToOutbox(tx, call, fact, now);
  });
}

}  // namespace trunkline::gateway
