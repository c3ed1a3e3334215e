#include "services/campaign-scheduler/event_message.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "libs/kafka/cloud_event.h"
#include "libs/telephony/timestamps.h"
#include "trunkline/campaigns/v1/campaign_event.pb.h"

namespace trunkline::scheduler {
namespace {

// "trunkline.campaign.attempt_started"
std::string TypeOf(campaigns::v1::CampaignEventType type) {
  constexpr std::string_view kPrefix = "CAMPAIGN_EVENT_TYPE_";
  const std::string name = campaigns::v1::CampaignEventType_Name(type);
  return Concat("trunkline.campaign.", Lower(std::string_view(name).substr(std::min(kPrefix.size(), name.size()))));
}

}  // namespace

absl::StatusOr<kafka::OutgoingMessage> EventMessage(std::string bytes, std::string topic) {
  campaigns::v1::CampaignEvent event;
  if (!event.ParseFromString(bytes)) return absl::DataLossError("a campaign event cannot be read");
  return kafka::OutgoingMessage{.topic = std::move(topic),
                                .key = event.campaign_id(),
                                .value = std::move(bytes),
                                .headers = kafka::ToHeaders({.id = event.event_id(),
                                                             .type = TypeOf(event.type()),
                                                             .source = "/trunkline/campaign-scheduler",
                                                             .subject = event.campaign_id(),
                                                             .time = telephony::FromProto(event.occurred_at()),
                                                             .data_schema = "trunkline.campaigns.v1.CampaignEvent",
                                                             .business_id = event.business_id(),
                                                             .traceparent = ""})};
}

}  // namespace trunkline::scheduler
