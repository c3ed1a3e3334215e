// The events that a commit of an owner gives, numbered in the order in which they are added.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/commit.h"
#include "trunkline/campaigns/v1/campaign.pb.h"
#include "trunkline/campaigns/v1/campaign_event.pb.h"

namespace trunkline::scheduler {

class CampaignEvents {
 public:
  // `sequence` is that of the campaign's last event.
  CampaignEvents(std::string campaign_id, std::string business_id, std::string actor, int64_t sequence, absl::Time now)
      : campaign_id_(std::move(campaign_id)),
        business_id_(std::move(business_id)),
        actor_(std::move(actor)),
        sequence_(sequence),
        now_(now) {}

  void AttemptStarted(const PlannedAttempt& attempt, absl::Time dial_before);
  void AttemptEnded(const AttemptEnding& ending);
  void ContactFinished(std::string_view contact_id, v1::ContactState state, int attempts, v1::CallRule rule);
  void OwnerChanged(std::string_view replica_id, int64_t epoch, std::string_view reason);

  // Serialized, in order.
  const std::vector<std::string>& messages() const { return messages_; }
  int64_t sequence() const { return sequence_; }

 private:
  campaigns::v1::CampaignEvent Begin(campaigns::v1::CampaignEventType type);

  const std::string campaign_id_;
  const std::string business_id_;
  const std::string actor_;
  int64_t sequence_;
  const absl::Time now_;
  std::vector<std::string> messages_;
};

}  // namespace trunkline::scheduler
