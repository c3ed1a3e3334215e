// Forward-only migrations: numbered SQL files, each run once, in order, in a transaction of its own.
//
// What was run is kept in schema_migrations with a digest of the file; a file that was changed after it ran is refused,
// so that two databases with the same versions have the same schema. Two programs that migrate at the same time wait
// for each other.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace trunkline::postgres {

// The files of a directory by their names, in the order in which they run. NOT_FOUND when there is none.
absl::StatusOr<std::map<std::string, std::string>> ReadMigrations(const std::string& directory);

// Brings the database up to the newest file of `directory`. Returns the names of the files that were run now.
// FAILED_PRECONDITION when a file was changed after it ran, or is missing.
absl::StatusOr<std::vector<std::string>> Migrate(const std::string& url, const std::string& directory);

}  // namespace trunkline::postgres
