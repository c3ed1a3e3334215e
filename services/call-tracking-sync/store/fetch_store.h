// The calls that are to be read by their ids: those that webhooks told of, and others.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/store/account_store.h"
#include "services/call-tracking-sync/store/fetch_rows.h"

namespace trunkline::tracking_sync {

// A webhook about a call.
struct Notice {
  std::string account_id;
  std::string external_id;
  absl::Time received_at;
};

struct DueFetch {
  std::string external_id;
  absl::Time notified_at;  // InfinitePast: no webhook told of it
  int64_t notifications = 0;
  int attempts = 0;
};

class FetchStore {
 public:
  // Across businesses; outlives the object. Webhooks of one call that come within `coalesce` lead to one reading.
  FetchStore(postgres::Pool& pool, absl::Duration coalesce) : pool_(pool), coalesce_(coalesce) {}

  // Keeps them, in one transaction; those of accounts that are not synchronized are left out. How many are new.
  absl::StatusOr<int64_t> Add(const std::vector<Notice>& notices);

  struct Due {
    FetchReason reason = FetchReason::kWebhook;
    std::vector<DueFetch> fetches;             // oldest first
    absl::Time next = absl::InfiniteFuture();  // when the next one is due, when none is
  };
  // Of the first of these reasons of which any is due.
  absl::StatusOr<Due> ReadDue(std::string_view account_id, const std::vector<FetchReason>& reasons, int most);
  // They are to be tried again after the delay.
  absl::Status Delay(const Ownership& owner, const std::vector<std::string>& external_ids, absl::Duration delay,
                     std::string_view error);

 private:
  postgres::Pool& pool_;
  const absl::Duration coalesce_;
};

}  // namespace trunkline::tracking_sync
