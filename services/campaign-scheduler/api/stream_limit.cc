#include "services/campaign-scheduler/api/stream_limit.h"

#include "absl/time/time.h"
#include "libs/base/status.h"

namespace trunkline::scheduler {

absl::StatusOr<StreamLimit::Pass> StreamLimit::Enter(const std::string& business_id) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = of_business_.find(business_id);
    const int own = known == of_business_.end() ? 0 : known->second;
    if (own >= options_.of_business || in_all_ >= options_.in_all) {
      return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                                  "too many imports and exports go on at this moment; try again when one has ended"),
                            absl::Seconds(5));
    }
    ++of_business_[business_id];
    ++in_all_;
  }
  return Pass(nullptr, [this, business_id](void*) { Leave(business_id); });
}

void StreamLimit::Leave(const std::string& business_id) {
  const std::lock_guard lock(mutex_);
  --in_all_;
  if (--of_business_[business_id] == 0) of_business_.erase(business_id);
}

}  // namespace trunkline::scheduler
