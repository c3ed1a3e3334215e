// Dials as PostgreSQL holds them: dial_intents with the latest attempt of each, dial_attempts with those before it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "services/gateway/calls/call_view.h"

namespace trunkline::gateway {

// The columns of dial_intents under an alias, for DialOfRow: so many.
std::string DialColumns(std::string_view alias);
inline constexpr int kDialColumns = 9;

// The dial whose columns begin at `column`, without its earlier attempts.
absl::StatusOr<DialView> DialOfRow(const postgres::Result& rows, int row, int column);

// Adds the earlier attempts of the dial, if it has any: one more statement then.
absl::Status AddEarlierAttempts(postgres::Transaction& tx, std::string_view call_id, DialView* dial);

// An attempt that was certainly not placed, before the next one begins.
struct EndedAttempt {
  int64_t number = 1;
  std::string provider_account_id;
  std::string from;
  control::v1::DialState state = control::v1::DIAL_STATE_REJECTED;  // or not placed
  std::string resolved_by;  // "reply", "listing", "policy"; "passed_over": the provider was not asked
  absl::Time committed_at;
  absl::Time resolved_at;
  calls::v1::CallError error;
};
absl::Status InsertAttempt(postgres::Transaction& tx, std::string_view business_id, std::string_view call_id,
                           const EndedAttempt& attempt);

}  // namespace trunkline::gateway
