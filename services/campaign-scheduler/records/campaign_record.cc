#include "services/campaign-scheduler/records/campaign_record.h"

#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::CampaignState;
using campaigns::v1::ContactCounts;
using postgres::Micros;
using postgres::Result;
using postgres::Transaction;

constexpr std::string_view kJoin =
    " FROM campaigns c JOIN campaign_progress p USING (campaign_id) WHERE campaign_id = $1";

}  // namespace

std::string CampaignColumns() {
  return Concat(
      "c.campaign_id, c.business_id, c.name, c.state, c.state_reason, c.state_actor, ", Micros("c.state_changed_at"),
      ", c.settings, ", Micros("c.starts_at"), ", ", Micros("c.created_at"), ", ", Micros("c.updated_at"),
      ", c.version, p.contacts_total, p.contacts_pending, p.contacts_in_flight, ",
      "p.contacts_waiting, p.contacts_reached, p.contacts_exhausted, p.contacts_suppressed, p.contacts_removed");
}

absl::StatusOr<Campaign> CampaignOf(const Result& rows, int row) {
  Campaign campaign;
  campaign.set_campaign_id(rows.String(row, 0));
  campaign.set_business_id(rows.String(row, 1));
  campaign.set_name(rows.String(row, 2));
  campaign.set_state(static_cast<CampaignState>(rows.Integer(row, 3)));
  campaign.set_state_reason(rows.String(row, 4));
  campaign.set_state_actor(rows.String(row, 5));
  *campaign.mutable_state_changed_at() = telephony::ToProto(*rows.Time(row, 6));
  if (!campaign.mutable_settings()->ParseFromString(rows.Bytes(row, 7))) {
    return absl::DataLossError("a campaign's settings cannot be read");
  }
  if (const auto starts_at = rows.Time(row, 8)) *campaign.mutable_starts_at() = telephony::ToProto(*starts_at);
  *campaign.mutable_created_at() = telephony::ToProto(*rows.Time(row, 9));
  *campaign.mutable_updated_at() = telephony::ToProto(*rows.Time(row, 10));
  campaign.set_etag(rows.String(row, 11));
  ContactCounts counts;
  counts.set_total(rows.Integer(row, 12));
  counts.set_pending(rows.Integer(row, 13));
  counts.set_in_flight(rows.Integer(row, 14));
  counts.set_waiting(rows.Integer(row, 15));
  counts.set_reached(rows.Integer(row, 16));
  counts.set_exhausted(rows.Integer(row, 17));
  counts.set_suppressed(rows.Integer(row, 18));
  counts.set_removed(rows.Integer(row, 19));
  *campaign.mutable_contacts() = ShownCounts(std::move(counts), campaign.state());
  return campaign;
}

ContactCounts ShownCounts(ContactCounts counts, CampaignState state) {
  if (state != campaigns::v1::CAMPAIGN_STATE_CANCELLED) return counts;
  counts.set_removed(counts.removed() + counts.pending() + counts.waiting());
  counts.set_pending(0);
  counts.set_waiting(0);
  return counts;
}

absl::Status NoSuchCampaign(std::string_view campaign_id) {
  return Error(absl::StatusCode::kNotFound, Reason::REASON_CAMPAIGN_NOT_FOUND,
               Concat("the business has no campaign ", campaign_id), {{"campaign_id", std::string(campaign_id)}});
}

absl::Status CheckCampaignId(std::string_view campaign_id) {
  if (IsUuid(campaign_id)) return absl::OkStatus();
  return InvalidFields({{.field = "campaign_id", .description = "must be a UUID in lower case"}});
}

absl::StatusOr<Campaign> ReadCampaign(Transaction& tx, std::string_view campaign_id) {
  TL_RETURN_IF_ERROR(CheckCampaignId(campaign_id));
  TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(Concat("SELECT ", CampaignColumns(), kJoin), {campaign_id}));
  if (rows.empty()) return NoSuchCampaign(campaign_id);
  return CampaignOf(rows, 0);
}

absl::StatusOr<CampaignState> LockProgress(Transaction& tx, std::string_view campaign_id) {
  TL_RETURN_IF_ERROR(CheckCampaignId(campaign_id));
  TL_RETURN_IF_ERROR(
      tx.Execute("SELECT FROM campaign_progress WHERE campaign_id = $1 FOR UPDATE", {campaign_id}).status());
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute("SELECT state FROM campaigns WHERE campaign_id = $1 FOR SHARE", {campaign_id}));
  if (rows.empty()) return NoSuchCampaign(campaign_id);
  return static_cast<CampaignState>(rows.Integer(0, 0));
}

absl::StatusOr<Campaign> LockCampaign(Transaction& tx, std::string_view campaign_id) {
  TL_RETURN_IF_ERROR(CheckCampaignId(campaign_id));
  TL_RETURN_IF_ERROR(
      tx.Execute("SELECT FROM campaign_progress WHERE campaign_id = $1 FOR UPDATE", {campaign_id}).status());
  TL_RETURN_IF_ERROR(tx.Execute("SELECT FROM campaigns WHERE campaign_id = $1 FOR UPDATE", {campaign_id}).status());
  return ReadCampaign(tx, campaign_id);
}

}  // namespace trunkline::scheduler
