#include "libs/postgres/pool.h"

#include <chrono>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::postgres {

Pool::Pool(PoolOptions options) : options_(std::move(options)) {}

absl::StatusOr<std::unique_ptr<Connection>> Pool::Open() const {
  TL_ASSIGN_OR_RETURN(std::unique_ptr<Connection> opened, Connection::Open(options_.url));
  TL_RETURN_IF_ERROR(opened->transaction().ExecuteScript(
      Concat("SET statement_timeout = ", absl::ToInt64Milliseconds(options_.statement_timeout))));
  return opened;
}

absl::StatusOr<Pool::Lease> Pool::Acquire() {
  std::unique_ptr<Connection> connection;
  {
    std::unique_lock lock(mutex_);
    if (!returned_.wait_for(lock, absl::ToChronoMilliseconds(options_.wait_limit),
                            [this] { return in_use_ < options_.size; })) {
      return absl::UnavailableError("no free connection to PostgreSQL in time");
    }
    ++in_use_;
    if (!idle_.empty()) {
      connection = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (connection != nullptr && !connection->IsQuiet()) connection.reset();
  Lease lease(this, std::move(connection));
  if (!lease.HasConnection()) {
    TL_ASSIGN_OR_RETURN(std::unique_ptr<Connection> opened, Open());
    lease.Give(std::move(opened));
  }
  return lease;
}

absl::StatusOr<Result> Pool::ExecuteInBusiness(std::string_view business_id, std::string_view sql,
                                               const std::vector<Parameter>& parameters) {
  TL_ASSIGN_OR_RETURN(Lease connection, Acquire());
  connection->Begin(business_id);
  absl::StatusOr<Result> result = connection->ExecuteAndCommit(sql, parameters);
  if (!result.ok()) connection->Rollback();
  return result;
}

Pool::Lease::~Lease() {
  if (pool_ == nullptr) return;
  {
    const std::lock_guard lock(pool_->mutex_);
    --pool_->in_use_;
    if (connection_ != nullptr && connection_->IsUsable()) pool_->idle_.push_back(std::move(connection_));
  }
  pool_->returned_.notify_one();
}

absl::Status Pool::Ping() {
  return InTransaction([](Transaction& tx) { return tx.Execute("SELECT 1").status(); });
}

}  // namespace trunkline::postgres
