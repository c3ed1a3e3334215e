#include "libs/postgres/schema_comparison.h"

#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_replace.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/postgres/connection.h"
#include "libs/postgres/migrations.h"

namespace trunkline::postgres {
namespace {

constexpr char kActual[] = "public";
constexpr char kExpected[] = "trunkline_schema_comparison";

// What a schema has, by the words in which it is told.
struct Catalog {
  std::map<std::string, std::map<std::string, std::string>> tables;  // columns and their types
  std::map<std::string, std::string> indexes;                        // by name, as they are made
};

absl::StatusOr<Catalog> ReadCatalog(Transaction& tx, const std::string& schema) {
  Catalog catalog;
  TL_ASSIGN_OR_RETURN(
      const Result columns,
      tx.Execute(
          "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not "
          "null' ELSE '' END FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON "
          "n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND "
          "a.attnum > 0 AND NOT a.attisdropped",
          {schema}));
  for (int i = 0; i < columns.size(); ++i) {
    catalog.tables[columns.String(i, 0)].emplace(columns.String(i, 1), columns.String(i, 2));
  }
  TL_ASSIGN_OR_RETURN(
      const Result indexes,
      tx.Execute("SELECT i.relname, replace(pg_get_indexdef(i.oid), $1 || '.', '') || CASE WHEN x.indisvalid THEN '' "
                 "ELSE ' (not valid)' END FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON "
                 "c.oid = x.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND NOT "
                 "c.relispartition",
                 {schema}));
  for (int i = 0; i < indexes.size(); ++i) catalog.indexes.emplace(indexes.String(i, 0), indexes.String(i, 1));
  return catalog;
}

// What the migrations make, in the schema of their own.
absl::StatusOr<Catalog> MakeExpected(Transaction& tx, const std::map<std::string, std::string>& migrations) {
  TL_RETURN_IF_ERROR(
      tx.ExecuteScript(Concat("CREATE SCHEMA ", kExpected, "; SET LOCAL search_path = ", kExpected,
                              "; SET LOCAL check_function_bodies = off; ", "SET LOCAL client_min_messages = warning")));
  for (const auto& [name, sql] : migrations) {
    // Functions name their schema themselves, and some are called by the migration that makes them.
    const std::string script =
        absl::StrReplaceAll(sql, {{"search_path = public", Concat("search_path = ", kExpected)}});
    if (const absl::Status status = tx.ExecuteScript(script); !status.ok()) return Annotate(status, name);
  }
  return ReadCatalog(tx, kExpected);
}

std::vector<std::string> Differences(const Catalog& expected, const Catalog& actual) {
  std::vector<std::string> found;
  for (const auto& [table, columns] : expected.tables) {
    const auto actual_table = actual.tables.find(table);
    if (actual_table == actual.tables.end()) {
      found.push_back(Concat("table ", table, " is missing"));
      continue;
    }
    for (const auto& [column, type] : columns) {
      const auto actual_column = actual_table->second.find(column);
      if (actual_column == actual_table->second.end()) {
        found.push_back(Concat("column ", table, ".", column, " is missing (", type, ")"));
      } else if (actual_column->second != type) {
        found.push_back(Concat("column ", table, ".", column, " is ", actual_column->second, ", not ", type));
      }
    }
  }
  for (const auto& [index, definition] : expected.indexes) {
    const auto actual_index = actual.indexes.find(index);
    if (actual_index == actual.indexes.end()) {
      found.push_back(Concat("index ", index, " is missing: ", definition));
    } else if (actual_index->second != definition) {
      found.push_back(Concat("index ", index, " is: ", actual_index->second, "; not: ", definition));
    }
  }
  return found;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> CompareSchema(const std::string& url, const std::string& directory) {
  TL_ASSIGN_OR_RETURN(const auto migrations, ReadMigrations(directory));
  TL_ASSIGN_OR_RETURN(const std::unique_ptr<Connection> connection, Connection::Open(url));
  connection->Begin();
  const auto compare = [&](Transaction& tx) -> absl::StatusOr<std::vector<std::string>> {
    TL_ASSIGN_OR_RETURN(const Catalog actual, ReadCatalog(tx, kActual));
    TL_ASSIGN_OR_RETURN(const Catalog expected, MakeExpected(tx, migrations));
    return Differences(expected, actual);
  };
  absl::StatusOr<std::vector<std::string>> found = compare(connection->transaction());
  connection->Rollback();
  return found;
}

}  // namespace trunkline::postgres
