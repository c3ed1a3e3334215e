// Businesses and their API keys, in the database. Needs the owner's rights: this is the operator's business, not the
// gateway's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/postgres/connection.h"

namespace trunkline::trunkctl {

// Creates the business unless it is there.
absl::Status PutBusiness(postgres::Transaction& tx, const std::string& business_id, const std::string& name);

// A new key, which is shown this once: only its digest is kept.
struct NewKey {
  std::string api_key_id;
  std::string api_key;
};
absl::StatusOr<NewKey> CreateKey(postgres::Transaction& tx, const std::string& business_id, const std::string& name);

// What a key may do (docs/limits-and-caps.md); nothing: without limit.
struct KeyLimits {
  std::optional<int64_t> calls_per_minute;
  std::optional<int64_t> calls_per_hour;
  std::optional<int64_t> calls_per_day;
  std::optional<int64_t> spend_per_day_micros;
  std::optional<int64_t> spend_per_month_micros;
  int64_t reserve_micros = 0;
  std::string currency;

  bool IsEmpty() const;
};
// In place of the limits that the key had. NOT_FOUND when there is no such key, or it is revoked.
absl::Status PutKeyLimits(postgres::Transaction& tx, const std::string& api_key_id, const KeyLimits& limits);

// NOT_FOUND when there is no such key, or it is revoked already.
absl::Status RevokeKey(postgres::Transaction& tx, const std::string& api_key_id);

}  // namespace trunkline::trunkctl
