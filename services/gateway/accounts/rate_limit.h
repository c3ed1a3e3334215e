// How many calls a provider account may place, or an API key ask for, in any window of a length.
//
// Exact across replicas and crashes: each take is a row of PostgreSQL, written in the transaction that commits what it
// is taken for, so that a repeated request takes nothing and a crash leaves no take without its dial. The time is the
// database's (take_rate in the migrations). From the take to the commit the subject's row is locked: take it as the
// last thing in a transaction.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/connection.h"
#include "trunkline/accounts/v1/provider_account_service.pb.h"

namespace trunkline::gateway {

struct RateLimit {
  std::string name;  // "calls_per_second"
  absl::Duration window;
  int64_t most = 0;  // above 0
};

// Those that are set.
std::vector<RateLimit> RateLimitsOf(const accounts::v1::CallRates& rates);

struct RateRefusal {
  RateLimit limit;      // the one that frees last
  absl::Duration wait;  // until it may pass
};

// Takes one, or says why not. Without limits nothing is taken. A limit that was set a moment ago counts what is still
// remembered of the time before. `at` stands in for the database's clock in tests.
absl::StatusOr<std::optional<RateRefusal>> TakeRate(postgres::Transaction& tx, std::string_view subject,
                                                    std::string_view business_id, const std::vector<RateLimit>& limits,
                                                    std::optional<absl::Time> at = std::nullopt);

// How far a limit is used.
struct RateUse {
  RateLimit limit;
  int64_t used = 0;     // within the window that ends now
  absl::Duration wait;  // until one more may pass; zero when it may now
};

// Looks without taking: one for each limit.
absl::StatusOr<std::vector<RateUse>> LookAtRate(postgres::Transaction& tx, std::string_view subject,
                                                const std::vector<RateLimit>& limits,
                                                std::optional<absl::Time> at = std::nullopt);

}  // namespace trunkline::gateway
