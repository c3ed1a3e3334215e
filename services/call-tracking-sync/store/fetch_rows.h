// Calls that are to be read by their ids, as rows, in the transaction that also does something else.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "services/call-tracking-sync/store/account_store.h"

namespace trunkline::tracking_sync {

// Why a call is to be read by its id; what comes first is read first. The numbers stand in the table.
enum class FetchReason {
  kWebhook = 0,     // a webhook told of it
  kWhole = 1,       // the list that told it leaves something out
  kLost = 2,        // a list that should have told it did not
  kWholeLater = 3,  // as kWhole, of a call that a backfill brought
};

struct WantedFetch {
  std::string external_id;
  FetchReason reason = FetchReason::kWhole;
};
// Those that wait already wait as they did.
absl::Status PutFetches(postgres::Transaction& tx, const Ownership& owner, const std::vector<WantedFetch>& wanted);

// A fetch that is done with, unless a webhook came meanwhile.
struct DoneFetch {
  std::string external_id;
  absl::Time notified_at;     // by the last webhook; InfinitePast: there was none
  int64_t notifications = 0;  // when it was begun
};
absl::Status FinishFetches(postgres::Transaction& tx, const Ownership& owner, const std::vector<DoneFetch>& fetches);

}  // namespace trunkline::tracking_sync
