// The journal of requests in PostgreSQL.
#pragma once

#include <string_view>

#include "libs/postgres/pool.h"
#include "services/call-tracking-sync/budget/request_journal.h"

namespace trunkline::tracking_sync {

class PostgresRequestJournal final : public RequestJournal {
 public:
  explicit PostgresRequestJournal(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<Memory> Read(std::string_view account_id, absl::Time now) override;
  absl::Status Write(std::string_view account_id, int64_t epoch, tracking::Resource resource,
                     Priority priority) override;
  absl::Status WriteAllowance(std::string_view account_id, int64_t epoch, const Allowance& allowance,
                              absl::Time now) override;
  // Of all accounts, what no window reaches any more. True when there may be more.
  absl::StatusOr<bool> Forget();

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::tracking_sync
