// Outcomes in PostgreSQL.
#pragma once

#include "libs/postgres/pool.h"
#include "services/campaign-scheduler/store/outcome_store.h"

namespace trunkline::scheduler {

class PostgresOutcomeStore final : public OutcomeStore {
 public:
  // The pool is of the role trunkline_scheduler_worker; it outlives the object.
  explicit PostgresOutcomeStore(postgres::Pool& pool) : pool_(pool) {}

  // See OutcomeStore.
  absl::StatusOr<int64_t> Keep(const std::vector<ToldOutcome>& outcomes) override;
  absl::StatusOr<AttemptPlan> PlanOf(const std::string& business_id, const std::string& attempt_id) override;

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::scheduler
