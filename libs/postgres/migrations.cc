#include "libs/postgres/migrations.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "libs/base/crypto.h"
#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/connection.h"

namespace trunkline::postgres {
namespace {

// Any number that nobody else takes an advisory lock on.
constexpr char kLock[] = "SELECT pg_advisory_lock(7267423115001)";
constexpr char kUnlock[] = "SELECT pg_advisory_unlock(7267423115001)";

absl::StatusOr<std::map<std::string, std::string>> ReadApplied(Transaction& tx) {
  TL_RETURN_IF_ERROR(
      tx.ExecuteScript("CREATE TABLE IF NOT EXISTS schema_migrations (name text PRIMARY KEY, sha256 text NOT NULL, "
                       "applied_at timestamptz NOT NULL DEFAULT now())"));
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("SELECT name, sha256 FROM schema_migrations"));
  std::map<std::string, std::string> applied;
  for (int i = 0; i < rows.size(); ++i) applied[rows.String(i, 0)] = rows.String(i, 1);
  return applied;
}

absl::Status Apply(Connection& connection, const std::string& name, const std::string& sql, const std::string& digest) {
  connection.Begin();
  Transaction& tx = connection.transaction();
  absl::Status status = tx.ExecuteScript(sql);
  if (status.ok()) {
    status = tx.Execute("INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)", {name, digest}).status();
  }
  if (!status.ok()) {
    connection.Rollback();
    return Annotate(status, name);
  }
  return Annotate(connection.Commit(), name);
}

absl::StatusOr<std::vector<std::string>> MigrateLocked(Connection& connection, const std::string& directory) {
  TL_ASSIGN_OR_RETURN(const auto files, ReadMigrations(directory));
  TL_ASSIGN_OR_RETURN(const auto applied, ReadApplied(connection.transaction()));
  for (const auto& [name, digest] : applied) {
    if (!files.contains(name)) {
      return absl::FailedPreconditionError(ToAbsl(Concat(
          "the database has migration ", name, ", which this program does not know: it is older than the database")));
    }
  }
  std::vector<std::string> done;
  for (const auto& [name, sql] : files) {
    const std::string digest = HexEncode(Sha256(sql));
    const auto before = applied.find(name);
    if (before == applied.end()) {
      TL_RETURN_IF_ERROR(Apply(connection, name, sql, digest));
      done.push_back(name);
    } else if (before->second != digest) {
      return absl::FailedPreconditionError(ToAbsl(Concat(
          "migration ", name, " was changed after it ran; write a new migration instead of changing an old one")));
    }
  }
  return done;
}

}  // namespace

absl::StatusOr<std::map<std::string, std::string>> ReadMigrations(const std::string& directory) {
  std::map<std::string, std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() != ".sql") continue;
    std::ifstream file(entry.path(), std::ios::binary);
    files[entry.path().filename()] =
        std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }
  if (error || files.empty()) return absl::NotFoundError(ToAbsl(Concat("no migrations in ", directory)));
  return files;
}

absl::StatusOr<std::vector<std::string>> Migrate(const std::string& url, const std::string& directory) {
  TL_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(url));
  TL_RETURN_IF_ERROR(connection->transaction().ExecuteScript(kLock));
  auto done = MigrateLocked(*connection, directory);
  TL_RETURN_IF_ERROR(connection->transaction().ExecuteScript(kUnlock));
  return done;
}

}  // namespace trunkline::postgres
