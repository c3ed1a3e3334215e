#include "libs/tracking/trackdrive/record_checks.h"

#include "libs/tracking/record_check.h"

namespace trunkline::tracking::trackdrive {

std::vector<std::string> ContradictionsOf(std::string_view body) {
  RecordCheck check(body);
  check.Same("buyer_revenue", "revenue");
  check.Same("traffic_source_payout", "payout");
  return check.TakeContradictions();
}

}  // namespace trunkline::tracking::trackdrive
