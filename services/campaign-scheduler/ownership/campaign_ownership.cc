#include "services/campaign-scheduler/ownership/campaign_ownership.h"

#include <cstdint>
#include <map>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/records/change_notice.h"
#include "services/campaign-scheduler/store/campaign_events.h"

namespace trunkline::scheduler {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr int kLockClass = 0x7363684c;  // "schL"

absl::Status AddOwnerEvents(Transaction& tx, const std::string& replica_id,
                            const std::vector<ownership::Claim>& claims) {
  std::vector<std::string> campaigns;
  std::map<std::string_view, const ownership::Claim*> by_id;
  for (const ownership::Claim& claim : claims) {
    campaigns.push_back(claim.ownership.id);
    by_id.emplace(claim.ownership.id, &claim);
  }
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("UPDATE campaign_progress SET event_sequence = event_sequence + 1 WHERE "
                                        "campaign_id = ANY($1::uuid[]) RETURNING campaign_id, business_id, "
                                        "event_sequence, ",
                                        postgres::Micros("clock_timestamp()")),
                                 {Parameter::Array(campaigns)}));
  campaigns.clear();
  std::vector<std::string> businesses, messages;
  for (int i = 0; i < rows.size(); ++i) {
    const ownership::Claim& claim = *by_id.at(rows.String(i, 0));
    CampaignEvents event(rows.String(i, 0), rows.String(i, 1), "campaign-scheduler", rows.Integer(i, 2) - 1,
                         rows.Time(i, 3).value_or(absl::UnixEpoch()));
    event.OwnerChanged(replica_id, claim.ownership.epoch, claim.reason);
    campaigns.push_back(rows.String(i, 0));
    businesses.push_back(rows.String(i, 1));
    messages.push_back(event.messages().front());
  }
  return tx
      .Execute(
          "INSERT INTO campaign_events_outbox (business_id, campaign_id, message) SELECT * FROM unnest($1::uuid[], "
          "$2::uuid[], $3::bytea[])",
          {Parameter::Array(businesses), Parameter::Array(campaigns),
           Parameter::ByteStrings({messages.begin(), messages.end()})})
      .status();
}

}  // namespace

ownership::Replica::Options CampaignReplica(std::string database_url, std::string address, absl::Duration silence) {
  return {.tables = {.replicas = "scheduler_replicas",
                     .owned = "campaign_progress",
                     .key = "campaign_id",
                     .wanted = "SELECT campaign_id FROM campaigns WHERE state = 3 UNION SELECT campaign_id FROM "
                               "campaign_progress WHERE replica_id IS NOT NULL",
                     .lock_class = kLockClass,
                     .channel = kCampaignChanges},
          .database_url = std::move(database_url),
          .address = std::move(address),
          .on_taken = AddOwnerEvents,
          .silence = silence};
}

Ownership OwnershipOf(const ownership::Claim& claim) {
  return {claim.ownership.id, claim.ownership.business_id, claim.ownership.epoch};
}

std::vector<ownership::Ownership> ThingsOf(const std::vector<Ownership>& campaigns) {
  std::vector<ownership::Ownership> things;
  things.reserve(campaigns.size());
  for (const Ownership& campaign : campaigns) {
    things.push_back({campaign.campaign_id, campaign.business_id, campaign.epoch});
  }
  return things;
}

}  // namespace trunkline::scheduler
