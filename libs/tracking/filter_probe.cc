#include "libs/tracking/filter_probe.h"

#include "libs/base/status.h"

namespace trunkline::tracking {
namespace {

constexpr absl::Duration kFarAhead = absl::Hours(24 * 3653);
constexpr absl::Duration kLately = absl::Hours(24 * 30);

bool IsEmpty(const CallPage& page) { return page.items.empty() && page.bad.empty(); }

}  // namespace

absl::StatusOr<bool> FilterWorks(PlatformClient& client, const Account& account, CallTime time, bool last_changed_first,
                                 absl::Time now) {
  TL_ASSIGN_OR_RETURN(
      const CallPage far,
      client.ListCalls(account,
                       {.time = time, .from = now + kFarAhead, .last_changed_first = last_changed_first, .size = 1},
                       std::nullopt));
  if (!IsEmpty(far)) return false;
  TL_ASSIGN_OR_RETURN(const CallPage lately,
                      client.ListCalls(account, {.from = now - kLately, .to = now, .size = 1}, std::nullopt));
  return !IsEmpty(lately);
}

}  // namespace trunkline::tracking
