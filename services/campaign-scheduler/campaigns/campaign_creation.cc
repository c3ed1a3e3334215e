#include "services/campaign-scheduler/campaigns/campaign_creation.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "services/campaign-scheduler/records/campaign_event_outbox.h"
#include "services/campaign-scheduler/records/campaign_record.h"

namespace trunkline::scheduler {

using campaigns::v1::Campaign;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

std::string DigestOf(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return Sha256(bytes);
}

absl::StatusOr<Campaign> CreateDraft(Transaction& tx, const rpc::Caller& caller, absl::Time now,
                                     const NewCampaign& wanted) {
  const std::string campaign_id = NewUuid(now);
  TL_ASSIGN_OR_RETURN(
      const Result inserted,
      tx.Execute(
          "INSERT INTO campaigns (campaign_id, business_id, name, state, state_actor, state_changed_at, settings, "
          "created_at, updated_at, request_id, request_sha256) VALUES ($1, $2, $3, $4, $5, $6, $7, $6, $6, $8, $9) "
          "ON CONFLICT (business_id, request_id) DO NOTHING",
          {campaign_id, caller.business_id, wanted.name, static_cast<int>(campaigns::v1::CAMPAIGN_STATE_DRAFT),
           caller.actor, now, Parameter::Bytes(wanted.settings.SerializeAsString()), wanted.request_id,
           Parameter::Bytes(wanted.request_sha256)}));
  if (inserted.affected() == 0) {
    TL_ASSIGN_OR_RETURN(const Result before,
                        tx.Execute("SELECT campaign_id, request_sha256 FROM campaigns WHERE business_id = $1 AND "
                                   "request_id = $2",
                                   {caller.business_id, wanted.request_id}));
    if (before.empty()) return absl::InternalError("a campaign is there and is not");
    if (before.Bytes(0, 1) != wanted.request_sha256) {
      return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED,
                   "request_id was used for another campaign; choose a new UUID for each wish");
    }
    return ReadCampaign(tx, before.Text(0, 0));
  }
  TL_RETURN_IF_ERROR(tx.Execute("INSERT INTO campaign_progress (campaign_id, business_id) VALUES ($1, $2)",
                                {campaign_id, caller.business_id})
                         .status());
  campaigns::v1::CampaignEvent event;
  event.set_type(campaigns::v1::CAMPAIGN_EVENT_TYPE_CREATED);
  event.set_actor(caller.actor);
  TL_RETURN_IF_ERROR(AddCampaignEvent(tx, caller.business_id, campaign_id, now, std::move(event)));
  return ReadCampaign(tx, campaign_id);
}

}  // namespace trunkline::scheduler
