#include "services/campaign-scheduler/records/campaign_event_outbox.h"

#include <string>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {

using postgres::Parameter;
using postgres::Result;

std::string CampaignEventId(std::string_view campaign_id, int64_t sequence) {
  return UuidOfName("campaign-event", Concat(campaign_id, "/", sequence));
}

absl::Status AddCampaignEvent(postgres::Transaction& tx, std::string_view business_id, std::string_view campaign_id,
                              absl::Time now, campaigns::v1::CampaignEvent event) {
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute("UPDATE campaign_progress SET event_sequence = event_sequence + 1 "
                                                    "WHERE campaign_id = $1 RETURNING event_sequence",
                                                    {campaign_id}));
  if (rows.empty()) return absl::InternalError("a campaign without its progress");
  const int64_t sequence = rows.Integer(0, 0);
  event.set_event_id(CampaignEventId(campaign_id, sequence));
  event.set_campaign_id(std::string(campaign_id));
  event.set_business_id(std::string(business_id));
  *event.mutable_occurred_at() = telephony::ToProto(now);
  event.set_sequence(sequence);
  return tx
      .Execute("INSERT INTO campaign_events_outbox (business_id, campaign_id, message) VALUES ($1, $2, $3)",
               {business_id, campaign_id, Parameter::Bytes(event.SerializeAsString())})
      .status();
}

}  // namespace trunkline::scheduler
