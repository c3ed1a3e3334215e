// Where slots come from.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "services/campaign-scheduler/engine/effects.h"
#include "services/campaign-scheduler/engine/inputs.h"

namespace trunkline::scheduler {

class SlotSource {
 public:
  virtual ~SlotSource() = default;

  // See AcquireSlots in engine/effects.h. `done` comes once, from any thread or at once, with an answer to every wish;
  // after the end of the object it does not come any more.
  virtual void Acquire(const Campaign& campaign, const AcquireSlots& wanted,
                       std::function<void(SlotsDecided)> done) = 0;
  // Does not block. A slot that cannot be given back now ends by itself.
  virtual void Release(const std::string& business_id, const std::vector<std::string>& slot_ids) = 0;
  // Calls in progress of a campaign; not limited when 0. Does not block.
  virtual void LimitCampaign(const std::string& campaign_id, int max_concurrent_calls) = 0;
};

}  // namespace trunkline::scheduler
