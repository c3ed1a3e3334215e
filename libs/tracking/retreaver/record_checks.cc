#include "libs/tracking/retreaver/record_checks.h"

#include "libs/tracking/record_check.h"

namespace trunkline::tracking::retreaver {

std::vector<std::string> ContradictionsOf(std::string_view body) {
  RecordCheck check(body);
  check.Sum("profit_net", {"revenue"}, {"payout"});
  check.Sum("profit_gross", {"revenue"}, {"payout", "total_cost"});
  check.AtLeast("total_duration", "dialed_call_duration");
  return check.TakeContradictions();
}

}  // namespace trunkline::tracking::retreaver
