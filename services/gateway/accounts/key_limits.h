// What an API key may do: calls in any minute, hour or day, and what its calls may cost in a day or a month (UTC).
//
// Calls are counted as those of accounts are (rate_limit.h). Of spending, the cost of a call counts on the day on which
// it was asked for, as soon as it is known; until then the key's reserve counts for it. A cost in another currency than
// the cap's cannot be compared: the reserve stays. SpendingSettler moves calls from the one state to the other.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/pool.h"
#include "services/gateway/accounts/rate_limit.h"

namespace trunkline::gateway {

// A row of api_key_limits.
struct KeyLimits {
  std::string api_key_id;
  std::vector<RateLimit> rates;
  std::optional<int64_t> spend_per_day_micros;
  std::optional<int64_t> spend_per_month_micros;
  int64_t reserve_micros = 0;  // for a call whose cost is not known
  std::string currency;        // of the caps

  bool CapsSpending() const { return spend_per_day_micros.has_value() || spend_per_month_micros.has_value(); }
};

// By key; those that have any.
absl::StatusOr<std::map<std::string, KeyLimits, std::less<>>> ReadKeyLimits(postgres::Transaction& tx);

// Counts a call for the key. RESOURCE_EXHAUSTED RATE_LIMITED or SPENDING_CAP_REACHED, with QuotaFailure and RetryInfo;
// nothing is counted then once the transaction is rolled back. Calls of one key pass one after the other from here to
// the end of their transactions.
absl::Status TakeFromKey(postgres::Transaction& tx, std::string_view business_id, const KeyLimits& limits,
                         std::string_view call_id);

// Whether one more call fits into the key's spending caps; nothing is counted. Errors as of TakeFromKey.
absl::Status LookAtSpending(postgres::Transaction& tx, const KeyLimits& limits);

// Counts what calls cost once it is known.
class SpendingSettler {
 public:
  // The pool acts across businesses and outlives the object.
  explicit SpendingSettler(postgres::Pool& pool) : pool_(pool) {}

  // Of the calls that wait, those that have ended: with their cost; without one when nobody answered them; with their
  // reserve when no cost was told for a day. True when there may be more.
  absl::StatusOr<bool> Settle(absl::Time now);

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::gateway
