#include "services/gateway/dialing/doubtful_dials.h"

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

// When the latest attempt was committed.
constexpr std::string_view kCommittedAt = "coalesce(d.attempt_committed_at, d.committed_at)";

// One at a time for the dials between two parties over an account: the decision looks at all of them.
absl::Status LockParties(Transaction& tx, const DoubtfulDial& dial) {
  return tx
      .Execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
               {Concat("dial ", dial.call.provider_account_id, " ", dial.from, " ", dial.to)})
      .status();
}

absl::StatusOr<DoubtfulDials::Rivals> ReadRivals(Transaction& tx, const DoubtfulDial& dial,
                                                 const std::vector<std::string>& listed) {
  DoubtfulDials::Rivals rivals;
  TL_ASSIGN_OR_RETURN(
      const Result dials,
      tx.Execute(
          Concat("SELECT call_id, ", postgres::Micros(kCommittedAt), " FROM dial_intents d ",
                 "WHERE provider_account_id = $1 AND from_number = $2 AND to_number = $3 ",
                 "AND state IN ('committed', 'in_doubt') AND NOT EXISTS (SELECT FROM call_queue q ",
                 "WHERE q.call_id = d.call_id AND q.provider_account_id = $1 AND q.external_call_id IS NOT NULL) ",
                 "AND NOT EXISTS (SELECT FROM call_history h ",
                 "WHERE h.call_id = d.call_id AND h.provider_account_id = $1 AND h.external_call_id IS NOT NULL)"),
          {dial.call.provider_account_id, dial.from, dial.to}));
  for (int i = 0; i < dials.size(); ++i) {
    rivals.dials.push_back({.call_id = dials.String(i, 0), .committed_at = *dials.Time(i, 1)});
  }
  TL_ASSIGN_OR_RETURN(
      const Result claimed,
      tx.Execute(
          "SELECT external_call_id FROM dial_intents WHERE provider_account_id = $1 AND external_call_id = ANY ($2) "
          "UNION SELECT external_call_id FROM call_queue "
          "WHERE provider_account_id = $1 AND external_call_id = ANY ($2) "
          "UNION SELECT external_call_id FROM call_history "
          "WHERE provider_account_id = $1 AND external_call_id = ANY ($2)",
          {dial.call.provider_account_id, Parameter::Array(listed)}));
  for (int i = 0; i < claimed.size(); ++i) rivals.claimed.insert(claimed.String(i, 0));
  return rivals;
}

}  // namespace

absl::StatusOr<std::optional<DoubtfulDial>> DoubtfulDials::Claim(absl::Time now, absl::Time lease_end) {
  using Answer = absl::StatusOr<std::optional<DoubtfulDial>>;
  return pool_.InTransaction([&](Transaction& tx) -> Answer {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("UPDATE dial_intents d SET check_at = $2, checks = checks + 1 FROM telephony_providers p ",
                          "WHERE d.call_id = (SELECT call_id FROM dial_intents ",
                          "WHERE state IN ('committed', 'in_doubt') AND check_at <= $1 ",
                          "ORDER BY check_at LIMIT 1 FOR UPDATE SKIP LOCKED) ",
                          "AND p.provider_account_id = d.provider_account_id ",
                          "RETURNING d.call_id, d.business_id, p.provider, d.provider_account_id, d.traceparent, ",
                          "d.from_number, d.to_number, ", postgres::Micros(kCommittedAt), ", d.checks, d.attempt, ",
                          postgres::Micros("d.committed_at"), ", d.request, (SELECT count(*) FROM dial_attempts a ",
                          "WHERE a.call_id = d.call_id AND a.resolved_by IN ('listing', 'policy'))"),
                   {now, lease_end}));
    if (rows.empty()) return std::nullopt;
    return DoubtfulDial{.call = {.call_id = rows.String(0, 0),
                                 .business_id = rows.String(0, 1),
                                 .provider = rows.String(0, 2),
                                 .provider_account_id = rows.String(0, 3),
                                 .traceparent = rows.String(0, 4),
                                 .attempt = rows.Integer(0, 9)},
                        .from = rows.String(0, 5),
                        .to = rows.String(0, 6),
                        .requested_at = *rows.Time(0, 10),
                        .committed_at = *rows.Time(0, 7),
                        .checks = rows.Integer(0, 8),
                        .retries = rows.Integer(0, 12),
                        .request = rows.Bytes(0, 11)};
  });
}

absl::Status DoubtfulDials::Postpone(std::string_view call_id, absl::Time check_at) {
  return pool_.InTransaction([&](Transaction& tx) {
    return tx.Execute("UPDATE dial_intents SET check_at = $2 WHERE call_id = $1", {call_id, check_at}).status();
  });
}

absl::StatusOr<bool> DoubtfulDials::ResolveByWebhook(const DoubtfulDial& dial, absl::Time now) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<bool> {
    // Of the attempt's account: what another one tells is about an attempt before.
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute("SELECT external_call_id FROM call_queue "
                                   "WHERE call_id = $1 AND provider_account_id = $2 AND external_call_id IS NOT NULL "
                                   "UNION SELECT external_call_id FROM call_history "
                                   "WHERE call_id = $1 AND provider_account_id = $2 AND external_call_id IS NOT NULL",
                                   {dial.call.call_id, dial.call.provider_account_id}));
    if (rows.empty()) return false;
    TL_RETURN_IF_ERROR(LockParties(tx, dial));
    // The normalizer has all that the webhook told; there is no fact to add.
    TL_RETURN_IF_ERROR(ResolveDial(tx, dial.call,
                                   {.state = control::v1::DIAL_STATE_PLACED,
                                    .external_call_id = rows.String(0, 0),
                                    .resolved_by = "webhook",
                                    .at = now,
                                    .check_at = now,
                                    .facts = {}})
                           .status());
    return true;
  });
}

absl::StatusOr<DialFinding> DoubtfulDials::Resolve(
    const DoubtfulDial& dial, const std::vector<std::string>& listed,
    const std::function<std::optional<DialVerdict>(const Rivals&)>& decide) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<DialFinding> {
    TL_RETURN_IF_ERROR(LockParties(tx, dial));
    TL_ASSIGN_OR_RETURN(const Rivals rivals, ReadRivals(tx, dial, listed));
    const std::optional<DialVerdict> verdict = decide(rivals);
    if (!verdict.has_value()) return DialFinding::kStillInDoubt;
    if (verdict->next.has_value()) {
      TL_ASSIGN_OR_RETURN(const bool committed, CommitNextDial(tx, *verdict->next));
      return committed ? DialFinding::kTriedAgain : DialFinding::kResolved;
    }
    TL_RETURN_IF_ERROR(ResolveDial(tx, dial.call, verdict->resolution).status());
    return DialFinding::kResolved;
  });
}

absl::StatusOr<int64_t> DoubtfulDials::Count() {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<int64_t> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            "SELECT count(*) FROM dial_intents WHERE state = 'in_doubt' OR (state = 'committed' AND checks > 0)"));
    return rows.Integer(0, 0);
  });
}

}  // namespace trunkline::gateway
