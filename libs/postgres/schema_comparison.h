// Whether a database has what the migrations make: tables, columns and indexes.
//
// The migrations are run once more, in a transaction and in a schema of their own, and taken back when what they made
// was read: nothing stays, and there is no second description of the schema that could be wrong.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace trunkline::postgres {

// What is missing or different, a sentence each; empty when nothing is. Partitions are left out: they come with time.
// What the database has beyond that is its own business. `url` is the owner's, who could run the migrations.
absl::StatusOr<std::vector<std::string>> CompareSchema(const std::string& url, const std::string& directory);

}  // namespace trunkline::postgres
