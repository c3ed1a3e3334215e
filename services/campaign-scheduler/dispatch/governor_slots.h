// Slots of the governor.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

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
  // No slot is asked for the campaign before the limit is in force.
  void LimitCampaign(const std::string& campaign_id, int max_concurrent_calls) override;

 private:
  using Done = std::function<void(SlotsDecided)>;
  void Ask(governor::v1::AcquireSlotsRequest request, std::vector<SlotWish> wishes, Done done);
  // Puts the limit in force that is wanted for the campaign, if it is not.
  absl::Status SettleLimit(const std::string& campaign_id);

  static constexpr size_t kMostWaiting = 100'000;

  governor::GovernorClient& governor_;
  std::mutex mutex_;
  std::map<std::string, int> wanted_limits_;  // not in force yet
  WorkQueue releases_{1, kMostWaiting};
  WorkQueue limits_{1, kMostWaiting};  // one after the other
};

}  // namespace trunkline::scheduler
