// The tables of checks and their findings, as messages; and calls here, by their ids.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "libs/tracking/platform_client.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/tracking/v1/consistency_service.pb.h"

namespace trunkline::tracking_sync {

// A check as its table has it: the message, and where it is.
struct CheckRow {
  tracking::v1::Check check;
  absl::Time window_from;
  absl::Time window_to;
  std::optional<tracking::Position> position;
  bool is_at_extras = false;
  int tries = 0;
};

// For CheckOfRow: columns of consistency_checks.
std::string CheckColumns();
CheckRow CheckOfRow(const postgres::Result& rows, int row);
// A check of the transaction's business; NOT_FOUND CHECK_NOT_FOUND.
absl::StatusOr<tracking::v1::Check> ReadCheck(postgres::Transaction& tx, std::string_view business_id,
                                              std::string_view check_id);

// A check that is to be written down. `check` tells account, platform, subject, range, repair and trigger.
struct NewCheck {
  std::string business_id;
  std::string request_id;
  std::string actor;
  tracking::v1::Check check = {};
};
// Nothing is written when the request_id is known already.
absl::Status InsertCheck(postgres::Transaction& tx, const NewCheck& wanted, absl::Time now);
// Where a check is now, its counts and sums, and how it stands.
absl::Status UpdateCheck(postgres::Transaction& tx, const CheckRow& row, absl::Time due_at, absl::Time now);

absl::Status PutFinding(postgres::Transaction& tx, std::string_view check_id, std::string_view business_id,
                        const tracking::v1::Finding& finding);

// By call_id; calls in progress and ended ones.
using CallRecords = std::map<std::string, calls::v1::CallRecord>;
absl::StatusOr<CallRecords> ReadCalls(postgres::Transaction& tx, const std::vector<std::string>& call_ids);
// Calls of the account that began within the window and that the platform did not list, by id, after an id. Those
// whose record the platform deleted are left out.
absl::StatusOr<CallRecords> ReadUnlisted(postgres::Transaction& tx, const CheckRow& row, std::string_view business_id,
                                         std::string_view after, int most);

// Calls of the account that began within the window and were mapped beside the calls, by id, after an id.
absl::StatusOr<CallRecords> ReadMapped(postgres::Transaction& tx, const CheckRow& row, std::string_view after,
                                       int most);

}  // namespace trunkline::tracking_sync
