// The deployment's own do-not-call list, in the database: numbers that no business may call. Needs the owner's rights.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"

namespace trunkline::trunkctl {

struct SuppressedNumber {
  std::string number;  // E.164
  std::string reason;
  std::string actor;
  std::optional<absl::Time> expires_at;  // nothing: for good
};

// Adds numbers; those that are there stay as they are. How many were not there.
absl::StatusOr<int64_t> SuppressForAll(postgres::Transaction& tx, const std::vector<std::string>& numbers,
                                       const std::string& reason, const std::string& actor);
// Takes numbers off. How many were there.
absl::StatusOr<int64_t> AllowForAll(postgres::Transaction& tx, const std::vector<std::string>& numbers);
// The list by number, after `after`.
absl::StatusOr<std::vector<SuppressedNumber>> ListSuppressedForAll(postgres::Transaction& tx, const std::string& after,
                                                                   int most);

}  // namespace trunkline::trunkctl
