#include "libs/tracking/ringba/record_checks.h"

#include "libs/tracking/record_check.h"

namespace trunkline::tracking::ringba {

std::vector<std::string> ContradictionsOf(std::string_view body) {
  RecordCheck check(body);
  check.Sum("profitGross", {"conversionAmount"}, {"payoutAmount"});
  check.AtLeast("callLengthInSeconds", "connectedCallLengthInSeconds");
  check.Tells("hasConnected", "callConnectionDt");
  return check.TakeContradictions();
}

}  // namespace trunkline::tracking::ringba
