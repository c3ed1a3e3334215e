#include "libs/postgres/pipeline.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::postgres {
namespace {

constexpr std::string_view kActFor = "SELECT set_config('app.business_id', $1, true)";

}  // namespace

Pipeline::Pipeline(PGconn* connection, PreparedStatements& statements)
    : connection_(connection), statements_(statements), is_sending_(PQenterPipelineMode(connection) == 1) {}

void Pipeline::Begin(const std::string& business_id) {
  Add("BEGIN", {}, /*binary=*/false);
  if (business_id.empty()) return;
  Add(kActFor, {.values = {business_id.c_str()}, .lengths = {static_cast<int>(business_id.size())}, .formats = {0}},
      /*binary=*/false);
}

void Pipeline::Add(std::string_view sql, const BoundParameters& parameters, bool binary) {
  if (!is_sending_) return;
  const std::string text(sql);
  const PreparedStatements::Use use = statements_.Take(sql);
  if (use.is_missing && !Sent(PQsendPrepare(connection_, use.name.c_str(), text.c_str(), 0, nullptr),
                              {.kind = Kind::kPrepare, .sql = text})) {
    return statements_.Forget(sql);
  }
  latest_ = steps_.size();
  const int format = binary ? 1 : 0;
  Sent(use.name.empty()
           ? PQsendQueryParams(connection_, text.c_str(), parameters.count(), nullptr, parameters.values.data(),
                               parameters.lengths.data(), parameters.formats.data(), format)
           : PQsendQueryPrepared(connection_, use.name.c_str(), parameters.count(), parameters.values.data(),
                                 parameters.lengths.data(), parameters.formats.data(), format),
       {.kind = Kind::kStatement, .sql = text, .is_prepared = !use.name.empty()});
}

void Pipeline::Commit() {
  if (!is_sending_) return;
  Sent(PQsendQueryParams(connection_, "COMMIT", 0, nullptr, nullptr, nullptr, nullptr, 0),
       {.kind = Kind::kCommit, .sql = "COMMIT"});
}

bool Pipeline::Sent(int done, Step step) {
  is_sending_ = done == 1;
  if (is_sending_) steps_.push_back(std::move(step));
  return is_sending_;
}

std::vector<OwnedResult> Pipeline::Collect() {
  std::vector<OwnedResult> results;
  while (true) {
    OwnedResult result(PQgetResult(connection_));
    // Null stands between the results of two steps, and comes for ever once the connection is lost.
    if (result == nullptr && PQstatus(connection_) != CONNECTION_OK) return results;
    if (result == nullptr) continue;
    if (PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC) return results;
    results.push_back(std::move(result));
  }
}

absl::Status Pipeline::StatusOfStep(size_t at, const PGresult* result) {
  const Step& step = steps_[at];
  if (step.kind == Kind::kCommit) return StatusOfCommit(connection_, result);
  absl::Status status = StatusOf(connection_, result);
  if (status.ok()) return status;
  const bool is_told = result != nullptr && PQresultErrorField(result, PG_DIAG_SQLSTATE) != nullptr;
  if (!is_told && steps_.back().kind == Kind::kCommit) {
    return absl::UnknownError("the connection was lost after COMMIT was sent");
  }
  if (step.is_prepared && result != nullptr && IsOutdated(result)) {
    statements_.Outdate();
    return absl::AbortedError(status.message());
  }
  return status;
}

absl::StatusOr<Result> Pipeline::Run() {
  const bool is_complete = is_sending_;
  const absl::Status sending =
      is_complete ? absl::OkStatus() : absl::UnavailableError(ToAbsl(PQerrorMessage(connection_)));
  // What was sent is answered even when something could not be.
  const bool is_answered = PQpipelineSync(connection_) == 1;
  std::vector<OwnedResult> results;
  if (is_answered) results = Collect();
  PQexitPipelineMode(connection_);

  absl::Status status;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const PGresult* result = i < results.size() ? results[i].get() : nullptr;
    const absl::Status of_step = StatusOfStep(i, result);
    if (of_step.ok()) continue;
    if (steps_[i].kind == Kind::kPrepare) statements_.Forget(steps_[i].sql);
    if (status.ok()) status = of_step;
  }
  if (status.ok()) status = sending;
  if (!status.ok()) return status;
  return Result(results[latest_].release());
}

}  // namespace trunkline::postgres
