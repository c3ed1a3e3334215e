#include "libs/postgres/libpq.h"

#include "libs/base/text.h"

namespace trunkline::postgres {
namespace {

// SQLSTATE classes and codes: PostgreSQL 15 documentation, appendix A.
absl::StatusCode CodeOf(std::string_view state) {
  // A value in binary that is not of its column's type, which PostgreSQL counts among the faults of connections.
  if (state == "08P01") return absl::StatusCode::kInvalidArgument;
  if (state.empty() || state.starts_with("08") || state == "57P01" || state == "57P02" || state == "57P03" ||
      state.starts_with("53")) {
    return absl::StatusCode::kUnavailable;
  }
  if (state == "23505") return absl::StatusCode::kAlreadyExists;
  if (state.starts_with("23")) return absl::StatusCode::kFailedPrecondition;
  if (state.starts_with("40")) return absl::StatusCode::kAborted;
  if (state == "57014" || state == "55P03") return absl::StatusCode::kDeadlineExceeded;
  if (state == "42501") return absl::StatusCode::kPermissionDenied;
  if (state.starts_with("22")) return absl::StatusCode::kInvalidArgument;
  return absl::StatusCode::kInternal;
}

}  // namespace

absl::Status ErrorOf(const PGconn* connection, const PGresult* result) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  std::string_view message = primary != nullptr ? primary : PQerrorMessage(connection);
  return absl::Status(CodeOf(state == nullptr ? "" : state), ToAbsl(Concat("PostgreSQL: ", Trim(message))));
}

absl::Status StatusOf(const PGconn* connection, const PGresult* result) {
  switch (result == nullptr ? PGRES_FATAL_ERROR : PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      return absl::OkStatus();
    default:
      return ErrorOf(connection, result);
  }
}

absl::Status StatusOfCommit(const PGconn* connection, const PGresult* result) {
  absl::Status status = StatusOf(connection, result);
  if (status.ok()) {
    // The COMMIT of a transaction that failed before answers ROLLBACK, without an error.
    if (std::string_view(PQcmdStatus(const_cast<PGresult*>(result))) == "COMMIT") return status;
    return absl::AbortedError("PostgreSQL rolled the transaction back");
  }
  if (PQstatus(connection) != CONNECTION_OK) return absl::UnknownError("the connection was lost while committing");
  return status;
}

bool IsOutdated(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state != nullptr && (std::string_view(state) == "0A000" || std::string_view(state) == "26000");
}

absl::StatusOr<BoundParameters> Bind(const std::vector<Parameter>& parameters) {
  BoundParameters bound;
  for (const Parameter& parameter : parameters) {
    const auto& value = parameter.value();
    if (value.has_value() && !parameter.is_binary() && !IsStorableText(*value)) {
      return absl::InvalidArgumentError("a text holds NUL or malformed UTF-8, which cannot be stored");
    }
    bound.values.push_back(value.has_value() ? value->c_str() : nullptr);
    bound.lengths.push_back(value.has_value() ? static_cast<int>(value->size()) : 0);
    bound.formats.push_back(parameter.is_binary() ? 1 : 0);
  }
  return bound;
}

}  // namespace trunkline::postgres
