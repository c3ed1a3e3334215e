// Pages of a large table are read in the order of an index, or not at all.
//
//   TL_RETURN_IF_ERROR(ReadInIndexOrder(tx));
//   tx.Execute("SELECT ... WHERE campaign_id = $1 AND position > $2 ORDER BY position LIMIT 1000", ...);
//
// Contacts that came in a moment ago are not in the planner's statistics yet: it takes a million of them for a few
// hundred, and would collect and sort all that are left for every page.
#pragma once

#include "absl/status/status.h"
#include "libs/postgres/connection.h"

namespace trunkline::scheduler {

// Holds until the transaction ends. Before the first page.
absl::Status ReadInIndexOrder(postgres::Transaction& tx);

}  // namespace trunkline::scheduler
