#include "libs/postgres/connection.h"

#include <poll.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/binary_format.h"
#include "libs/postgres/libpq.h"
#include "libs/postgres/pipeline.h"

namespace trunkline::postgres {
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
  return Run(sql, parameters, Format::kText);
}

absl::StatusOr<Result> Transaction::ExecuteBinary(std::string_view sql, const std::vector<Parameter>& parameters) {
  return Run(sql, parameters, Format::kBinary);
}

absl::StatusOr<Result> Transaction::Run(std::string_view sql, const std::vector<Parameter>& parameters, Format format) {
  if (beginning_.has_value()) return RunTogether(sql, parameters, format, Then::kGoOn);
  TL_ASSIGN_OR_RETURN(const BoundParameters bound, Bind(parameters));
  const std::string text(sql);
  const PreparedStatements::Use use = statements_.Take(sql);
  if (use.is_missing) {
    const OwnedResult prepared(PQprepare(connection_, use.name.c_str(), text.c_str(), 0, nullptr));
    if (absl::Status status = StatusOf(connection_, prepared.get()); !status.ok()) {
      statements_.Forget(sql);
      return status;
    }
  }
  const int binary = format == Format::kBinary ? 1 : 0;
  PGresult* result = use.name.empty()
                         ? PQexecParams(connection_, text.c_str(), bound.count(), nullptr, bound.values.data(),
                                        bound.lengths.data(), bound.formats.data(), binary)
                         : PQexecPrepared(connection_, use.name.c_str(), bound.count(), bound.values.data(),
                                          bound.lengths.data(), bound.formats.data(), binary);
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

absl::StatusOr<Result> Transaction::RunTogether(std::string_view sql, const std::vector<Parameter>& parameters,
                                                Format format, Then then) {
  TL_ASSIGN_OR_RETURN(const BoundParameters bound, Bind(parameters));
  Pipeline pipeline(connection_, statements_);
  if (beginning_.has_value()) {
    pipeline.Begin(*beginning_);
    beginning_.reset();
  }
  pipeline.Add(sql, bound, format == Format::kBinary);
  if (then == Then::kCommit) pipeline.Commit();
  return pipeline.Run();
}

absl::Status Transaction::SendBeginning() {
  if (!beginning_.has_value()) return absl::OkStatus();
  Pipeline pipeline(connection_, statements_);
  pipeline.Begin(*beginning_);
  beginning_.reset();
  return pipeline.Run().status();
}

absl::Status Transaction::ExecuteScript(const std::string& sql) {
  TL_RETURN_IF_ERROR(SendBeginning());
  const OwnedResult result(PQexec(connection_, sql.c_str()));
  return StatusOf(connection_, result.get());
}

absl::Status Transaction::Copy(const std::string& sql, const CopyBuffer& rows) {
  if (rows.empty()) return absl::OkStatus();
  TL_RETURN_IF_ERROR(SendBeginning());
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

bool Connection::IsUsable() const {
  return PQstatus(connection_) == CONNECTION_OK && PQpipelineStatus(connection_) == PQ_PIPELINE_OFF &&
         !transaction_.statements_.is_outdated();
}

bool Connection::IsQuiet() const {
  pollfd readable{PQsocket(connection_), POLLIN, 0};
  return poll(&readable, 1, 0) == 0;
}

void Connection::Begin(std::string_view business_id) { transaction_.beginning_ = std::string(business_id); }

absl::Status Connection::Commit() {
  if (transaction_.beginning_.has_value()) {
    transaction_.beginning_.reset();
    return absl::OkStatus();
  }
  const OwnedResult result(PQexec(connection_, "COMMIT"));
  return StatusOfCommit(connection_, result.get());
}

absl::StatusOr<Result> Connection::ExecuteAndCommit(std::string_view sql, const std::vector<Parameter>& parameters) {
  return transaction_.RunTogether(sql, parameters, Transaction::Format::kText, Transaction::Then::kCommit);
}

void Connection::Rollback() {
  if (transaction_.beginning_.has_value()) return transaction_.beginning_.reset();
  const PGTransactionStatusType state = PQtransactionStatus(connection_);
  if (state == PQTRANS_INTRANS || state == PQTRANS_INERROR) OwnedResult(PQexec(connection_, "ROLLBACK"));
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
