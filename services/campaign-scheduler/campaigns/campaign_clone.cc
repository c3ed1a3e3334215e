#include "services/campaign-scheduler/campaigns/campaign_clone.h"

#include <string>

#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/campaigns/campaign_creation.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "trunkline/campaigns/v1/contact_service.pb.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::CloneCampaignRequest;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr int kBatch = 10'000;

// States in the table of the contacts that a clone takes over. Those that somebody took out stay out.
std::string StatesOf(campaigns::v1::CloneContacts contacts) {
  // pending, in flight, waiting, exhausted; and reached, suppressed
  return contacts == campaigns::v1::CLONE_CONTACTS_ALL ? "{1,2,3,4,5,6}" : "{1,2,3,5}";
}

// Copies a batch. True when there may be more.
absl::StatusOr<bool> CopyBatch(Transaction& tx, const Campaign& copy, const std::string& copy_id, absl::Time now,
                               const CloneCampaignRequest& request) {
  TL_RETURN_IF_ERROR(LockProgress(tx, copy.campaign_id()).status());
  TL_ASSIGN_OR_RETURN(
      const Result place,
      tx.Execute("SELECT next_offset FROM contact_imports WHERE import_id = $1 AND state = $2 FOR UPDATE",
                 {copy_id, static_cast<int>(campaigns::v1::IMPORT_STATE_OPEN)}));
  if (place.empty()) return false;
  TL_ASSIGN_OR_RETURN(
      const Result copied,
      tx.Execute(Concat("WITH source AS (SELECT * FROM contacts WHERE campaign_id = $1 AND position > $2 AND ",
                        "state = ANY ($3::smallint[]) ORDER BY position LIMIT ", kBatch,
                        "), added AS (INSERT INTO contacts (campaign_id, business_id, position, contact_id, number, ",
                        "external_id, priority, time_zone, variables) SELECT p.campaign_id, p.business_id, ",
                        "p.last_position + row_number() OVER (ORDER BY s.position), gen_random_uuid(), s.number, ",
                        "s.external_id, s.priority, s.time_zone, s.variables FROM source s, campaign_progress p ",
                        "WHERE p.campaign_id = $4) SELECT count(*), max(position) FROM source"),
                 {request.campaign_id(), place.Integer(0, 0), StatesOf(request.contacts()), copy.campaign_id()}));
  const int64_t count = copied.Integer(0, 0);
  const bool more = count == kBatch;
  TL_RETURN_IF_ERROR(tx.Execute("UPDATE campaign_progress SET contacts_total = contacts_total + $2, contacts_pending = "
                                "contacts_pending + $2, last_position = last_position + $2 WHERE campaign_id = $1",
                                {copy.campaign_id(), count})
                         .status());
  TL_RETURN_IF_ERROR(
      tx.Execute(
            "UPDATE contact_imports SET next_offset = coalesce($2, next_offset), rows = rows + $3, added = added + "
            "$3, state = $4, updated_at = $5 WHERE import_id = $1",
            {copy_id, copied.IsNull(0, 1) ? Parameter(std::nullopt) : Parameter(copied.Text(0, 1)), count,
             static_cast<int>(more ? campaigns::v1::IMPORT_STATE_OPEN : campaigns::v1::IMPORT_STATE_COMPLETE), now})
          .status());
  return more;
}

}  // namespace

absl::StatusOr<Campaign> CloneCampaign(postgres::Pool& pool, const Clock& clock, const rpc::Caller& caller,
                                       const CloneCampaignRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.request_id(), "request_id");
  checks.RequireUuid(request.campaign_id(), "campaign_id");
  checks.RequireText(request.name(), kLongestCampaignName, "name");
  checks.Require(campaigns::v1::CloneContacts_IsValid(request.contacts()), "contacts", "must be all or not_reached");
  TL_RETURN_IF_ERROR(checks.Finish());
  CloneCampaignRequest wish = request;
  wish.clear_request_id();
  // Its copy of contacts has an id of its own that follows from the request, so that every repetition finds it.
  const std::string copy_id = UuidOfName("campaign-clone", Concat(caller.business_id, "/", request.request_id()));
  TL_ASSIGN_OR_RETURN(
      const Campaign copy, pool.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<Campaign> {
        TL_ASSIGN_OR_RETURN(const Campaign source, ReadCampaign(tx, request.campaign_id()));
        const absl::Time now = InMicros(clock.Now());
        TL_ASSIGN_OR_RETURN(Campaign made, CreateDraft(tx, caller, now,
                                                       {.request_id = request.request_id(),
                                                        .request_sha256 = DigestOf(wish),
                                                        .name = request.name().empty() ? source.name() : request.name(),
                                                        .settings = source.settings()}));
        if (request.contacts() == campaigns::v1::CLONE_CONTACTS_UNSPECIFIED) return made;
        campaigns::v1::ImportHead head;
        head.set_import_id(copy_id);
        head.set_campaign_id(made.campaign_id());
        TL_RETURN_IF_ERROR(
            tx.Execute("INSERT INTO contact_imports (import_id, business_id, campaign_id, head, state, "
                       "created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
                       {copy_id, caller.business_id, made.campaign_id(), Parameter::Bytes(head.SerializeAsString()),
                        static_cast<int>(campaigns::v1::IMPORT_STATE_OPEN), now})
                .status());
        return made;
      }));
  bool more = request.contacts() != campaigns::v1::CLONE_CONTACTS_UNSPECIFIED;
  while (more) {
    TL_ASSIGN_OR_RETURN(more, pool.InBusiness(caller.business_id, [&](Transaction& tx) {
      return CopyBatch(tx, copy, copy_id, InMicros(clock.Now()), request);
    }));
  }
  return pool.InBusiness(caller.business_id, [&](Transaction& tx) { return ReadCampaign(tx, copy.campaign_id()); });
}

}  // namespace trunkline::scheduler
