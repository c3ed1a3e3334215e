#include "libs/postgres/connection.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/postgres/binary_format.h"

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

absl::Status ErrorOf(const PGconn* connection, const PGresult* result) {
  const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  std::string_view message = primary != nullptr ? primary : PQerrorMessage(connection);
  return absl::Status(CodeOf(state == nullptr ? "" : state), ToAbsl(Concat("PostgreSQL: ", Trim(message))));
}

// The table of a prepared statement changed, or a pooler gave us another session.
bool IsOutdated(const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  return state != nullptr && (std::string_view(state) == "0A000" || std::string_view(state) == "26000");
}

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using OwnedResult = std::unique_ptr<PGresult, ClearResult>;

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

}  // namespace

Result::Result(pg_result* result) : result_(result, PQclear) {}
int Result::size() const { return PQntuples(result_.get()); }
int64_t Result::affected() const { return ParseInt(PQcmdTuples(result_.get())).value_or(0); }
bool Result::IsNull(int row, int column) const { return PQgetisnull(result_.get(), row, column) == 1; }
std::string_view Result::Text(int row, int column) const {
  return {PQgetvalue(result_.get(), row, column), static_cast<size_t>(PQgetlength(result_.get(), row, column))};
}
bool Result::IsBinary(int column) const { return PQfformat(result_.get(), column) == 1; }
int64_t Result::Integer(int row, int column) const {
  return IsBinary(column) ? ReadNumber(Text(row, column)) : ParseInt(Text(row, column)).value_or(0);
}
bool Result::Boolean(int row, int column) const { return Text(row, column) == (IsBinary(column) ? "\1" : "t"); }
UuidNumber Result::Uuid(int row, int column) const {
  const std::string_view value = Text(row, column);
  if (!IsBinary(column)) return NumberOfUuid(value);
  if (value.size() != 16) return {};
  return {.high = static_cast<uint64_t>(ReadNumber(value.substr(0, 8))),
          .low = static_cast<uint64_t>(ReadNumber(value.substr(8)))};
}
std::string Result::Bytes(int row, int column) const {
  const std::string_view text = Text(row, column);
  if (IsBinary(column)) return std::string(text);
  return text.starts_with("\\x") ? HexDecode(text.substr(2)).value_or("") : std::string();
}
std::optional<absl::Time> Result::Time(int row, int column) const {
  if (IsNull(row, column)) return std::nullopt;
  return absl::FromUnixMicros(Integer(row, column));
}

std::string Micros(std::string_view column) { return Concat("(extract(epoch FROM ", column, ") * 1000000)::bigint"); }

absl::StatusOr<Result> Transaction::Execute(std::string_view sql, const std::vector<Parameter>& parameters) {
  return Run(sql, parameters, /*binary=*/false);
}

absl::StatusOr<Result> Transaction::ExecuteBinary(std::string_view sql, const std::vector<Parameter>& parameters) {
  return Run(sql, parameters, /*binary=*/true);
}

absl::StatusOr<Result> Transaction::Run(std::string_view sql, const std::vector<Parameter>& parameters, bool binary) {
  std::vector<const char*> values;
  std::vector<int> lengths;
  std::vector<int> formats;
  for (const Parameter& parameter : parameters) {
    const auto& value = parameter.value();
    if (value.has_value() && !parameter.is_binary() && !IsStorableText(*value)) {
      return absl::InvalidArgumentError("a text holds NUL or malformed UTF-8, which cannot be stored");
    }
    values.push_back(value.has_value() ? value->c_str() : nullptr);
    lengths.push_back(value.has_value() ? static_cast<int>(value->size()) : 0);
    formats.push_back(parameter.is_binary() ? 1 : 0);
  }
  const auto count = static_cast<int>(parameters.size());
  const std::string text(sql);
  const PreparedStatements::Use use = statements_.Take(sql);
  if (use.is_missing) {
    const OwnedResult prepared(PQprepare(connection_, use.name.c_str(), text.c_str(), 0, nullptr));
    if (absl::Status status = StatusOf(connection_, prepared.get()); !status.ok()) {
      statements_.Forget(sql);
      return status;
    }
  }
  PGresult* result = use.name.empty() ? PQexecParams(connection_, text.c_str(), count, nullptr, values.data(),
                                                     lengths.data(), formats.data(), binary ? 1 : 0)
                                      : PQexecPrepared(connection_, use.name.c_str(), count, values.data(),
                                                       lengths.data(), formats.data(), binary ? 1 : 0);
  Result owned(result);
  if (absl::Status status = StatusOf(connection_, result); !status.ok()) {
    if (!use.name.empty() && IsOutdated(result)) {
      statements_.Outdate();
      return absl::AbortedError(status.message());
    }
    return status;
  }
  return owned;
}

absl::Status Transaction::ExecuteScript(const std::string& sql) {
  const OwnedResult result(PQexec(connection_, sql.c_str()));
  return StatusOf(connection_, result.get());
}

absl::Status Transaction::Copy(const std::string& sql, const CopyBuffer& rows) {
  if (rows.empty()) return absl::OkStatus();
  const OwnedResult begun(PQexec(connection_, sql.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_IN) return ErrorOf(connection_, begun.get());
  const auto put = [this](std::string_view bytes) {
    return PQputCopyData(connection_, bytes.data(), static_cast<int>(bytes.size())) == 1;
  };
  const bool sent = put(rows.data()) && put(CopyBuffer::Trailer()) && PQputCopyEnd(connection_, nullptr) == 1;
  absl::Status status = sent ? absl::OkStatus() : ErrorOf(connection_, nullptr);
  for (OwnedResult result(PQgetResult(connection_)); result != nullptr; result.reset(PQgetResult(connection_))) {
    if (status.ok()) status = StatusOf(connection_, result.get());
  }
  return status;
}

absl::Status Transaction::ActFor(std::string_view business_id) {
  return Execute("SELECT set_config('app.business_id', $1, true)", {business_id}).status();
}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const std::string& url) {
  std::unique_ptr<Connection> connection(new Connection(PQconnectdb(url.c_str())));
  if (!connection->IsUsable()) {
    return absl::UnavailableError(
        ToAbsl(Concat("cannot connect to PostgreSQL: ", Trim(PQerrorMessage(connection->connection_)))));
  }
  PQsetNoticeProcessor(
      connection->connection_, [](void*, const char*) {}, nullptr);
  return connection;
}

Connection::Connection(pg_conn* connection) : connection_(connection), transaction_(connection) {}
Connection::~Connection() { PQfinish(connection_); }

bool Connection::IsUsable() const { return PQstatus(connection_) == CONNECTION_OK && transaction_.IsUpToDate(); }

absl::Status Connection::Begin() { return transaction_.ExecuteScript("BEGIN"); }

absl::Status Connection::Commit() {
  const OwnedResult result(PQexec(connection_, "COMMIT"));
  absl::Status status = StatusOf(connection_, result.get());
  if (status.ok()) {
    // The COMMIT of a transaction that failed before answers ROLLBACK, without an error.
    if (std::string_view(PQcmdStatus(result.get())) == "COMMIT") return status;
    return absl::AbortedError("PostgreSQL rolled the transaction back");
  }
  if (!IsUsable()) return absl::UnknownError("the connection was lost while committing");
  return status;
}

void Connection::Rollback() {
  if (PQstatus(connection_) == CONNECTION_OK) OwnedResult(PQexec(connection_, "ROLLBACK"));
}

absl::Status Connection::Listen(const std::string& channel) {
  return transaction_.ExecuteScript(Concat("LISTEN ", channel));
}

absl::StatusOr<bool> Connection::WaitForNotification(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (true) {
    if (PQconsumeInput(connection_) == 0) return ErrorOf(connection_, nullptr);
    if (PGnotify* notification = PQnotifies(connection_); notification != nullptr) {
      PQfreemem(notification);
      return true;
    }
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    pollfd readable{PQsocket(connection_), POLLIN, 0};
    poll(&readable, 1, static_cast<int>(absl::ToInt64Milliseconds(left) + 1));
  }
}

}  // namespace trunkline::postgres
