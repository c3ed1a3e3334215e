// The dials whose outcome is not known, as the reconciler sees them: across businesses, shared by all replicas.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/pool.h"
#include "services/gateway/dialing/dial_ledger.h"
#include "services/gateway/dialing/dial_matching.h"

namespace trunkline::gateway {

struct DoubtfulDial {
  CallIdentity call;
  std::string from;
  std::string to;
  absl::Time requested_at;  // of the call
  absl::Time committed_at;  // of the attempt
  int64_t checks = 0;       // this one counted
  int64_t retries = 0;      // attempts before it that were found out as not placed
  std::string request;      // InitiateCallRequest without its plan; empty for dials of older versions
};

// What is to be done with a dial that was looked after.
struct DialVerdict {
  DialResolution resolution;
  std::optional<NextDial> next;  // instead of it: the call is tried again
};

enum class DialFinding { kStillInDoubt, kResolved, kTriedAgain };

class DoubtfulDials {
 public:
  // The pool acts across businesses and outlives the object.
  explicit DoubtfulDials(postgres::Pool& pool) : pool_(pool) {}

  // The dial that has been due for longest, which no other replica will take until `lease_end`.
  absl::StatusOr<std::optional<DoubtfulDial>> Claim(absl::Time now, absl::Time lease_end);
  absl::Status Postpone(std::string_view call_id, absl::Time check_at);

  // True when a webhook has told the provider's id of the call: the dial is resolved by it.
  absl::StatusOr<bool> ResolveByWebhook(const DoubtfulDial& dial, absl::Time now);

  // What the ledger knows of the dials that a listing could be about, while nobody else resolves any of them.
  struct Rivals {
    std::vector<DoubtfulTime> dials;  // not resolved, no webhook seen; the dial itself among them
    std::set<std::string> claimed;    // of the listed ids, those that are some call's already
  };
  // Calls `decide` with them inside one transaction, and does what it returns, if anything. kResolved also when the
  // dial was resolved before. RESOURCE_EXHAUSTED RATE_LIMITED: it would be tried again, but the account's rate is used
  // up; nothing is written.
  absl::StatusOr<DialFinding> Resolve(const DoubtfulDial& dial, const std::vector<std::string>& listed,
                                      const std::function<std::optional<DialVerdict>(const Rivals&)>& decide);

  // Dials that were looked after at least once, and are still not known.
  absl::StatusOr<int64_t> Count();

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::gateway
