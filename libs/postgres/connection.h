// One connection to PostgreSQL, over libpq, with errors as absl::Status:
//
//   UNAVAILABLE          the connection is lost or the server stops: try again on another connection
//   UNKNOWN              the connection was lost after COMMIT was sent: it may or may not have been committed
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
//
// BEGIN, and the setting that shows and writes rows of one business only, go to the server together with the first
// statement: they cost no ways of their own.
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

 private:
  friend class Connection;

  enum class Format { kText, kBinary };
  enum class Then { kGoOn, kCommit };

  absl::StatusOr<Result> Run(std::string_view sql, const std::vector<Parameter>& parameters, Format format);
  // The statement with what must come before it and, perhaps, COMMIT after it.
  absl::StatusOr<Result> RunTogether(std::string_view sql, const std::vector<Parameter>& parameters, Format format,
                                     Then then);
  // What begins the transaction, where it did not go out with a statement.
  absl::Status SendBeginning();

  pg_conn* connection_;
  PreparedStatements statements_;
  std::optional<std::string> beginning_;  // not begun on the server yet; the business, or empty
};

class Connection {
 public:
  static absl::StatusOr<std::unique_ptr<Connection>> Open(const std::string& url);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Begins a transaction of one business, or across businesses, with its first statement. Without any, nothing is sent.
  void Begin(std::string_view business_id = {});
  absl::Status Commit();
  // The last statement of the transaction and COMMIT, in one way there and back. What does not succeed must be rolled
  // back.
  absl::StatusOr<Result> ExecuteAndCommit(std::string_view sql, const std::vector<Parameter>& parameters);
  void Rollback();
  Transaction& transaction() { return transaction_; }
  // False when the connection cannot be used any more.
  bool IsUsable() const;
  // False when the server said something while nobody asked, which it does before it ends a connection. For one that
  // lay idle, before it is used; costs no way to the server.
  bool IsQuiet() const;

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
