// The calls that webhooks told of, and that are to be read.
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

namespace trunkline::tracking_sync {

// A webhook about a call.
struct Notice {
  std::string account_id;
  std::string external_id;
  absl::Time received_at;
};

struct DueFetch {
  std::string external_id;
  absl::Time notified_at;
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
    std::vector<DueFetch> fetches;             // oldest first
    absl::Time next = absl::InfiniteFuture();  // when the next one is due, when none is
  };
  absl::StatusOr<Due> ReadDue(std::string_view account_id, int most);
  // They are to be tried again after the delay.
  absl::Status Delay(const Ownership& owner, const std::vector<std::string>& external_ids, absl::Duration delay,
                     std::string_view error);

 private:
  postgres::Pool& pool_;
  const absl::Duration coalesce_;
};

}  // namespace trunkline::tracking_sync
