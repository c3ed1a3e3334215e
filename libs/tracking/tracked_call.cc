#include "libs/tracking/tracked_call.h"

#include <algorithm>

namespace trunkline::tracking {
namespace {

constexpr absl::Duration kLargestCorrection = absl::Seconds(5);

void KeepOrder(const Told<absl::Time>& earlier, Told<absl::Time>* later, std::vector<Remark>* remarks) {
  if (!earlier.has_value() || !later->has_value() || *earlier <= **later) return;
  if (*earlier - **later < kLargestCorrection) {
    later->value = *earlier;
  } else {
    remarks->push_back({Remark::Kind::kTimeOrder});
  }
}

}  // namespace

void Complete(TrackedCall* call) {
  KeepOrder(call->started_at, &call->answered_at, &call->remarks);
  KeepOrder(call->answered_at.has_value() ? call->answered_at : call->started_at, &call->ended_at, &call->remarks);
  if (!call->duration_seconds.has_value() && call->started_at.has_value() && call->ended_at.has_value()) {
    const int64_t seconds = absl::ToInt64Seconds(*call->ended_at - *call->started_at);
    call->duration_seconds = Told<int64_t>::Of(std::max<int64_t>(seconds, 0));
  }
}

}  // namespace trunkline::tracking
