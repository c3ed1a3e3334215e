// Slots of the governor.
#pragma once

#include "libs/base/work_queue.h"
#include "libs/governor/governor_client.h"
#include "services/campaign-scheduler/dispatch/slot_source.h"

namespace trunkline::scheduler {

class GovernorSlots final : public SlotSource {
 public:
  // The client outlives the object.
  explicit GovernorSlots(governor::GovernorClient& governor) : governor_(governor) {}

  void Acquire(const Campaign& campaign, const AcquireSlots& wanted, std::function<void(SlotsDecided)> done) override;
  void Release(const std::string& business_id, const std::vector<std::string>& slot_ids) override;
  void LimitCampaign(const std::string& campaign_id, int max_concurrent_calls) override;

 private:
  static constexpr int kThreads = 2;
  static constexpr size_t kMostWaiting = 100'000;

  governor::GovernorClient& governor_;
  WorkQueue later_{kThreads, kMostWaiting};  // what nobody waits for
};

}  // namespace trunkline::scheduler
