#include "libs/tracking/summed_report.h"

#include "libs/base/status.h"

namespace trunkline::tracking {
namespace {

constexpr int kMostPages = 10'000;

void AddCallTo(const TrackedCall& call, bool answered, CallReport* report) {
  ++report->calls;
  report->converted += call.converted.value.value_or(false) ? 1 : 0;
  report->answered = report->answered.value_or(0) + (answered ? 1 : 0);
  report->revenue += call.revenue.value.value_or(0);
  report->payout = report->payout.value_or(0) + call.payout.value.value_or(0);
  report->cost += call.cost.value.value_or(0);
}

}  // namespace

absl::StatusOr<Answer<CallReport>> SumCalls(const RestSession& session, const CallSums& sums,
                                            Answer<CallReport> report) {
  std::optional<Position> position;
  for (int i = 0; i < kMostPages; ++i) {
    TL_ASSIGN_OR_RETURN(const CallPage page, sums.list(position));
    for (const PlatformCall& item : page.items) {
      // The list reaches a second further on either side.
      const std::optional<absl::Time> started = item.call.started_at.value;
      if (!started.has_value() || *started < sums.from || *started >= sums.to) continue;
      AddCallTo(item.call, sums.was_answered(item.call), &report.value);
    }
    const int requests = report.receipt.requests + page.receipt.requests;
    report.receipt = page.receipt;
    report.receipt.requests = requests;
    if (!page.next.has_value()) return report;
    position = page.next;
  }
  return session.Fail(v1::TRACKING_ERROR_CODE_CURSOR_LOOP, "the list of calls does not end");
}

}  // namespace trunkline::tracking
