// One connection to PostgreSQL, over libpq, with errors as absl::Status:
//
//   UNAVAILABLE          the connection is lost or the server stops: try again on another connection
//   UNKNOWN              the connection was lost while committing: the transaction may or may not have been committed
//   ALREADY_EXISTS       a unique key is violated          FAILED_PRECONDITION  another constraint is violated
//   ABORTED              deadlock, serialization failure, a table that changed meanwhile: try again
//   DEADLINE_EXCEEDED    statement_timeout or lock_timeout
//   PERMISSION_DENIED    privileges, row-level security     INVALID_ARGUMENT     a value cannot be stored
//   INTERNAL             anything else: a fault of the statement
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/ids.h"
#include "libs/postgres/copy_buffer.h"
#include "libs/postgres/parameter.h"
#include "libs/postgres/prepared_statements.h"

struct pg_conn;
struct pg_result;

namespace trunkline::postgres {

// The rows of an answer, in either of PostgreSQL's formats. Views into it live as long as it does.
class Result {
 public:
  explicit Result(pg_result* result);

  int size() const;
  bool empty() const { return size() == 0; }
  // Rows that an INSERT, UPDATE or DELETE touched.
  int64_t affected() const;

  bool IsNull(int row, int column) const;
  // A value of type text, or any value of Execute() as text; empty for NULL.
  std::string_view Text(int row, int column) const;
  std::string String(int row, int column) const { return std::string(Text(row, column)); }
  // 0 for NULL.
  int64_t Integer(int row, int column) const;
  bool Boolean(int row, int column) const;
  // The bytes of a bytea.
  std::string Bytes(int row, int column) const;
  // Zeros for NULL.
  UuidNumber Uuid(int row, int column) const;
  // The time of a column that the statement gave as microseconds: Micros("ended_at").
  std::optional<absl::Time> Time(int row, int column) const;

 private:
  bool IsBinary(int column) const;

  std::shared_ptr<pg_result> result_;
};

// SQL for a timestamptz column as microseconds since 1970, which Result::Time reads.
std::string Micros(std::string_view column);

// Statements of one transaction. Not thread-safe. What is executed more than once over a connection is prepared there.
class Transaction {
 public:
  explicit Transaction(pg_conn* connection) : connection_(connection) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  absl::StatusOr<Result> Execute(std::string_view sql, const std::vector<Parameter>& parameters = {});
  // The same for many rows: they come in the binary format, which costs either side less.
  absl::StatusOr<Result> ExecuteBinary(std::string_view sql, const std::vector<Parameter>& parameters = {});
  // Several statements without parameters, as a migration has them.
  absl::Status ExecuteScript(const std::string& sql);
  // Rows as COPY ... FROM STDIN (FORMAT binary) takes them.
  absl::Status Copy(const std::string& sql, const CopyBuffer& rows);
  // Every later statement of this transaction sees and writes rows of this business only.
  absl::Status ActFor(std::string_view business_id);
  // False when the connection's prepared statements no longer fit the tables.
  bool IsUpToDate() const { return !statements_.is_outdated(); }

 private:
  absl::StatusOr<Result> Run(std::string_view sql, const std::vector<Parameter>& parameters, bool binary);

  pg_conn* connection_;
  PreparedStatements statements_;
};

class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& url);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  absl::Status Begin();
  absl::Status Commit();
  void Rollback();
  Transaction& transaction() { return transaction_; }
  // False when the connection cannot be used any more.
  bool IsUsable() const;

  // Outside of transactions: subscribes to a channel of NOTIFY, and waits for a notification; false when none came in
  // time.
  absl::Status Listen(const std::string& channel);
  absl::StatusOr<bool> WaitForNotification(absl::Duration limit);

 private:
  explicit Connection(pg_conn* connection);

  pg_conn* connection_;
  Transaction transaction_;
};

}  // namespace trunkline::postgres
