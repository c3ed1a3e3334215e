// Connections for the threads of a service, and transactions as functions:
//
//   absl::StatusOr<int64_t> count = pool.InTransaction([&](Transaction& tx) -> absl::StatusOr<int64_t> {
//     TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("SELECT count(*) FROM call_queue"));
//     return rows.Integer(0, 0);
//   });
//
// The transaction is committed when the function returns OK, rolled back otherwise. A connection that broke is thrown
// away; one that broke while nobody used it costs nobody an error. InBusiness() is the same for one tenant: row-level
// security hides every other business's rows.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/status.h"
#include "libs/postgres/connection.h"

namespace trunkline::postgres {

struct PoolOptions {
  std::string url;  // postgresql://USER:PASSWORD@HOST:PORT/DATABASE
  int size = 4;
  absl::Duration wait_limit = absl::Seconds(5);  // for a free connection
  absl::Duration statement_timeout = absl::Seconds(30);
};

class Pool {
 public:
  explicit Pool(PoolOptions options);

  template <typename Function>
  std::invoke_result_t<Function, Transaction&> InTransaction(Function&& function) {
    return Run(std::string_view(), std::forward<Function>(function));
  }

  template <typename Function>
  std::invoke_result_t<Function, Transaction&> InBusiness(std::string_view business_id, Function&& function) {
    return Run(business_id, std::forward<Function>(function));
  }

  // One statement that is a whole transaction of a business, in one way to PostgreSQL and back; UNKNOWN as from a
  // commit. The other two make a way for their first statement, for each later one and for COMMIT.
  absl::StatusOr<Result> ExecuteInBusiness(std::string_view business_id, std::string_view sql,
                                           const std::vector<Parameter>& parameters);

  // OK when a connection works. For readiness.
  absl::Status Ping();

 private:
  // Hands a connection back at the end of its life.
  class Lease {
   public:
    Lease(Pool* pool, std::unique_ptr<Connection> connection) : pool_(pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    ~Lease();
    Connection* operator->() { return connection_.get(); }
    bool HasConnection() const { return connection_ != nullptr; }
    void Give(std::unique_ptr<Connection> connection) { connection_ = std::move(connection); }

   private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
  };

  absl::StatusOr<std::unique_ptr<Connection>> Open() const;
  // A connection of the caller's own. One that broke while it lay idle, as all do when the server restarts, is replaced
  // by a fresh one.
  absl::StatusOr<Lease> Acquire();

  template <typename Function>
  std::invoke_result_t<Function, Transaction&> Run(std::string_view business_id, Function&& function) {
    TL_ASSIGN_OR_RETURN(Lease connection, Acquire());
    connection->Begin(business_id);
    std::invoke_result_t<Function, Transaction&> result = function(connection->transaction());
    if (!result.ok()) {
      connection->Rollback();
      return result;
    }
    if (absl::Status status = connection->Commit(); !status.ok()) return status;
    return result;
  }

  PoolOptions options_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<std::unique_ptr<Connection>> idle_;
  int in_use_ = 0;
};

}  // namespace trunkline::postgres
