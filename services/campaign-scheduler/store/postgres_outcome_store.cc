#include "services/campaign-scheduler/store/postgres_outcome_store.h"

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::scheduler {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

absl::StatusOr<int64_t> PostgresOutcomeStore::Keep(const std::vector<ToldOutcome>& outcomes) {
  if (outcomes.empty()) return 0;
  std::vector<UuidNumber> attempts, calls, businesses;
  std::vector<std::string> told;
  std::vector<int64_t> talked;
  for (const ToldOutcome& outcome : outcomes) {
    attempts.push_back(NumberOfUuid(outcome.outcome.attempt_id));
    calls.push_back(NumberOfUuid(outcome.outcome.call_id));
    businesses.push_back(NumberOfUuid(outcome.business_id));
    told.push_back(outcome.outcome.told.SerializeAsString());
    talked.push_back(absl::ToInt64Milliseconds(outcome.outcome.talk));
  }
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<int64_t> {
    TL_ASSIGN_OR_RETURN(
        const Result kept,
        tx.Execute(
            "WITH kept AS (INSERT INTO attempt_outcomes (attempt_id, campaign_id, business_id, call_id, outcome, "
            "talk_milliseconds) SELECT DISTINCT ON (a.attempt_id) a.attempt_id, a.campaign_id, a.business_id, "
            "o.call_id, o.told, o.talked FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], "
            "$5::bigint[]) AS o(attempt_id, business_id, call_id, told, talked) JOIN attempts a ON a.attempt_id = "
            "o.attempt_id AND a.business_id = o.business_id WHERE a.disposition = 0 AND (a.call_id IS NULL OR "
            "a.call_id = o.call_id) ON CONFLICT (attempt_id) DO NOTHING RETURNING 1), told AS (SELECT count(*) AS "
            "count FROM kept) SELECT count, CASE WHEN count > 0 THEN pg_notify($6, '') END FROM told",
            {Parameter::Uuids(attempts), Parameter::Uuids(businesses), Parameter::Uuids(calls),
             Parameter::ByteStrings({told.begin(), told.end()}), Parameter::Bigints(talked), kAttemptOutcomes}));
    return kept.Integer(0, 0);
  });
}

absl::StatusOr<AttemptPlan> PostgresOutcomeStore::PlanOf(const std::string& business_id,
                                                         const std::string& attempt_id) {
  return pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<AttemptPlan> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            "SELECT p.settings, c.variables FROM attempts a JOIN campaigns p USING (campaign_id) JOIN contacts c ON "
            "c.campaign_id = a.campaign_id AND c.position = a.position WHERE a.attempt_id = $1 AND a.business_id "
            "= $2 AND a.disposition = 0",
            {attempt_id, business_id}));
    if (rows.empty()) return absl::NotFoundError(ToAbsl(Concat("no attempt ", attempt_id, " under way")));
    AttemptPlan plan{.settings = {}, .variables = rows.Bytes(0, 1)};
    if (!plan.settings.ParseFromString(rows.Bytes(0, 0))) {
      return absl::DataLossError("a campaign's settings cannot be read");
    }
    return plan;
  });
}

}  // namespace trunkline::scheduler
