// What the files of this folder share of libpq: its results, its errors as absl::Status, parameters in its form.
#pragma once

#include <libpq-fe.h>

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/postgres/parameter.h"

namespace trunkline::postgres {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using OwnedResult = std::unique_ptr<PGresult, ClearResult>;

// Of a result, null when there is none: the connection's. See connection.h for the codes.
absl::Status ErrorOf(const PGconn* connection, const PGresult* result);
// OK when the statement succeeded.
absl::Status StatusOf(const PGconn* connection, const PGresult* result);
// Of COMMIT: UNKNOWN when the connection was lost meanwhile, ABORTED when the transaction had failed before.
absl::Status StatusOfCommit(const PGconn* connection, const PGresult* result);
// The table of a prepared statement changed, or a pooler gave us another session.
bool IsOutdated(const PGresult* result);

// Parameters as libpq takes them. They point into those that they were made of.
struct BoundParameters {
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;

  int count() const { return static_cast<int>(values.size()); }
};

// INVALID_ARGUMENT for text that PostgreSQL cannot store.
absl::StatusOr<BoundParameters> Bind(const std::vector<Parameter>& parameters);

}  // namespace trunkline::postgres
