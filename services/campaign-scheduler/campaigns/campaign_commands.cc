#include "services/campaign-scheduler/campaigns/campaign_commands.h"

#include <google/protobuf/util/field_mask_util.h>

#include <functional>
#include <string_view>
#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/campaigns/campaign_clone.h"
#include "services/campaign-scheduler/campaigns/campaign_creation.h"
#include "services/campaign-scheduler/records/campaign_event_outbox.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "services/campaign-scheduler/records/campaign_transition.h"
#include "services/campaign-scheduler/records/change_notice.h"
#include "services/campaign-scheduler/rules/campaign_state.h"
#include "services/campaign-scheduler/rules/settings_checks.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::CreateCampaignRequest;
using campaigns::v1::ScheduleCampaignRequest;
using campaigns::v1::UpdateCampaignRequest;
using google::protobuf::util::FieldMaskUtil;
using postgres::Parameter;
using postgres::Transaction;

constexpr size_t kLongestReason = 500;
constexpr std::string_view kName = "name";
constexpr std::string_view kSettings = "settings";

void CheckName(std::string_view name, FieldChecks& checks) {
  checks.Require(!Trim(name).empty(), "name", "must not be empty");
  checks.RequireText(name, kLongestCampaignName, "name");
}

absl::Status CheckReason(std::string_view reason) {
  FieldChecks checks;
  checks.RequireText(reason, kLongestReason, "reason");
  return checks.Finish();
}

// What a command asks of a state that a transition to another one would not tell of.
absl::Status Illegal(const Campaign& campaign, std::string_view advice) {
  return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_ILLEGAL_TRANSITION,
               Concat("the campaign is ", StateName(campaign.state()), "; ", advice),
               {{"campaign_id", campaign.campaign_id()}, {"state", StateName(campaign.state())}});
}

absl::Status CheckReady(const Campaign& campaign) {
  FieldChecks checks;
  CheckReadiness(campaign.settings(), kSettings, checks);
  return checks.Finish();
}

// Which parts of a campaign an update names.
struct Changed {
  bool name = false;
  bool settings = false;
};

absl::StatusOr<Changed> ChangedBy(const UpdateCampaignRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.campaign_id(), "campaign_id");
  checks.Require(request.update_mask().paths_size() > 0, "update_mask", "must name the fields to change");
  Changed changed;
  for (const std::string& path : request.update_mask().paths()) {
    const bool settings = path == kSettings || path.starts_with("settings.");
    changed.settings |= settings;
    changed.name |= path == kName;
    checks.Require((settings || path == kName) && FieldMaskUtil::IsValidPath<UpdateCampaignRequest>(path),
                   "update_mask",
                   Concat("can name 'name', 'settings' and fields of the settings, such as 'settings.pacing'; not '",
                          ToStorableText(path.substr(0, 100)), "'"));
  }
  if (changed.name) CheckName(request.name(), checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  return changed;
}

// The campaign with what the mask names taken from the request.
Campaign Merged(const Campaign& campaign, const UpdateCampaignRequest& request) {
  UpdateCampaignRequest merged;
  merged.set_name(campaign.name());
  *merged.mutable_settings() = campaign.settings();
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(request, request.update_mask(), options, &merged);
  Campaign changed = campaign;
  changed.set_name(merged.name());
  *changed.mutable_settings() = merged.settings();
  return changed;
}

absl::Status StoreChange(Transaction& tx, const rpc::Caller& caller, absl::Time now, const Campaign& campaign) {
  TL_RETURN_IF_ERROR(tx.Execute("UPDATE campaigns SET name = $2, settings = $3, version = version + 1, updated_at = $4 "
                                "WHERE campaign_id = $1",
                                {campaign.campaign_id(), campaign.name(),
                                 Parameter::Bytes(campaign.settings().SerializeAsString()), now})
                         .status());
  campaigns::v1::CampaignEvent event;
  event.set_type(campaigns::v1::CAMPAIGN_EVENT_TYPE_UPDATED);
  event.set_actor(caller.actor);
  TL_RETURN_IF_ERROR(AddCampaignEvent(tx, campaign.business_id(), campaign.campaign_id(), now, std::move(event)));
  return NoticeChange(tx, campaign.campaign_id());
}

// Locks the campaign, lets `command` change it, and reads what it is then.
absl::StatusOr<Campaign> Command(postgres::Pool& pool, const rpc::Caller& caller, const std::string& campaign_id,
                                 std::string_view reason,
                                 const std::function<absl::Status(Transaction& tx, const Campaign&)>& command) {
  TL_RETURN_IF_ERROR(CheckReason(reason));
  return pool.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<Campaign> {
    TL_ASSIGN_OR_RETURN(const Campaign campaign, LockCampaign(tx, campaign_id));
    TL_RETURN_IF_ERROR(command(tx, campaign));
    return ReadCampaign(tx, campaign_id);
  });
}

}  // namespace

absl::StatusOr<Campaign> CampaignCommands::Create(const rpc::Caller& caller, const CreateCampaignRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.request_id(), "request_id");
  CheckName(request.name(), checks);
  CheckSettings(request.settings(), kSettings, checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  CreateCampaignRequest wish = request;
  wish.clear_request_id();
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) {
    return CreateDraft(tx, caller, InMicros(clock_.Now()),
                       {.request_id = request.request_id(),
                        .request_sha256 = DigestOf(wish),
                        .name = request.name(),
                        .settings = request.settings()});
  });
}

absl::StatusOr<Campaign> CampaignCommands::Update(const rpc::Caller& caller, const UpdateCampaignRequest& request) {
  TL_ASSIGN_OR_RETURN(const Changed changed, ChangedBy(request));
  return Command(pool_, caller, request.campaign_id(), "", [&](Transaction& tx, const Campaign& campaign) {
    if (!request.etag().empty() && request.etag() != campaign.etag()) {
      return Error(absl::StatusCode::kAborted, Reason::REASON_ETAG_MISMATCH,
                   Concat("campaign ", campaign.campaign_id(), " was changed meanwhile; read it again"),
                   {{"etag", campaign.etag()}});
    }
    if (changed.settings && IsFinal(campaign.state())) {
      return Illegal(campaign, "its settings count for nothing any more; clone it to call with others");
    }
    const Campaign after = Merged(campaign, request);
    if (after.name() == campaign.name() && DigestOf(after.settings()) == DigestOf(campaign.settings())) {
      return absl::OkStatus();
    }
    FieldChecks checks;
    CheckSettings(after.settings(), kSettings, checks);
    const bool starts = campaign.state() != campaigns::v1::CAMPAIGN_STATE_DRAFT;
    if (changed.settings && starts) CheckReadiness(after.settings(), kSettings, checks);
    TL_RETURN_IF_ERROR(checks.Finish());
    return StoreChange(tx, caller, InMicros(clock_.Now()), after);
  });
}

absl::StatusOr<Campaign> CampaignCommands::Start(const rpc::Caller& caller,
                                                 const campaigns::v1::StartCampaignRequest& request) {
  return Command(
      pool_, caller, request.campaign_id(), request.reason(), [&](Transaction& tx, const Campaign& campaign) {
        if (campaign.state() == campaigns::v1::CAMPAIGN_STATE_RUNNING) return absl::OkStatus();
        if (campaign.state() == campaigns::v1::CAMPAIGN_STATE_PAUSED) return Illegal(campaign, "resume it to go on");
        TL_RETURN_IF_ERROR(CheckTransition(campaign.state(), campaigns::v1::CAMPAIGN_STATE_RUNNING));
        TL_RETURN_IF_ERROR(CheckReady(campaign));
        if (campaign.contacts().total() == 0 && !campaign.settings().keep_open()) {
          return Illegal(campaign, "it has no contacts and would be completed at once: import some, or set keep_open");
        }
        return ChangeState(tx, campaign,
                           {.to = campaigns::v1::CAMPAIGN_STATE_RUNNING,
                            .actor = caller.actor,
                            .reason = request.reason(),
                            .at = InMicros(clock_.Now())});
      });
}

absl::StatusOr<Campaign> CampaignCommands::Schedule(const rpc::Caller& caller, const ScheduleCampaignRequest& request) {
  const absl::Time now = InMicros(clock_.Now());
  return Command(
      pool_, caller, request.campaign_id(), request.reason(), [&](Transaction& tx, const Campaign& campaign) {
        const bool scheduled = campaign.state() == campaigns::v1::CAMPAIGN_STATE_SCHEDULED;
        if (!request.has_starts_at()) {
          if (campaign.state() == campaigns::v1::CAMPAIGN_STATE_DRAFT) return absl::OkStatus();
          return ChangeState(tx, campaign,
                             {.to = campaigns::v1::CAMPAIGN_STATE_DRAFT,
                              .actor = caller.actor,
                              .reason = request.reason(),
                              .at = now});
        }
        const absl::Time starts_at = InMicros(telephony::FromProto(request.starts_at()));
        if (scheduled && campaign.has_starts_at() && telephony::FromProto(campaign.starts_at()) == starts_at) {
          return absl::OkStatus();
        }
        if (!scheduled) TL_RETURN_IF_ERROR(CheckTransition(campaign.state(), campaigns::v1::CAMPAIGN_STATE_SCHEDULED));
        TL_RETURN_IF_ERROR(CheckReady(campaign));
        if (starts_at <= now) {
          return InvalidFields(
              {{.field = "starts_at", .description = "must lie ahead; start the campaign to begin now"}});
        }
        if (!scheduled) {
          return ChangeState(tx, campaign,
                             {.to = campaigns::v1::CAMPAIGN_STATE_SCHEDULED,
                              .actor = caller.actor,
                              .reason = request.reason(),
                              .at = now,
                              .starts_at = starts_at});
        }
        TL_RETURN_IF_ERROR(tx.Execute("UPDATE campaigns SET starts_at = $2 WHERE campaign_id = $1",
                                      {campaign.campaign_id(), starts_at})
                               .status());
        return StoreChange(tx, caller, now, campaign);
      });
}

absl::StatusOr<Campaign> CampaignCommands::Pause(const rpc::Caller& caller,
                                                 const campaigns::v1::PauseCampaignRequest& request) {
  return Command(pool_, caller, request.campaign_id(), request.reason(),
                 [&](Transaction& tx, const Campaign& campaign) {
                   if (campaign.state() == campaigns::v1::CAMPAIGN_STATE_PAUSED) return absl::OkStatus();
                   return ChangeState(tx, campaign,
                                      {.to = campaigns::v1::CAMPAIGN_STATE_PAUSED,
                                       .actor = caller.actor,
                                       .reason = request.reason(),
                                       .at = InMicros(clock_.Now())});
                 });
}

absl::StatusOr<Campaign> CampaignCommands::Resume(const rpc::Caller& caller,
                                                  const campaigns::v1::ResumeCampaignRequest& request) {
  return Command(pool_, caller, request.campaign_id(), request.reason(),
                 [&](Transaction& tx, const Campaign& campaign) {
                   if (campaign.state() == campaigns::v1::CAMPAIGN_STATE_RUNNING) return absl::OkStatus();
                   const bool never_started = campaign.state() == campaigns::v1::CAMPAIGN_STATE_DRAFT ||
                                              campaign.state() == campaigns::v1::CAMPAIGN_STATE_SCHEDULED;
                   if (never_started) return Illegal(campaign, "it was never started; start it");
                   TL_RETURN_IF_ERROR(CheckTransition(campaign.state(), campaigns::v1::CAMPAIGN_STATE_RUNNING));
                   TL_RETURN_IF_ERROR(CheckReady(campaign));
                   return ChangeState(tx, campaign,
                                      {.to = campaigns::v1::CAMPAIGN_STATE_RUNNING,
                                       .actor = caller.actor,
                                       .reason = request.reason(),
                                       .at = InMicros(clock_.Now())});
                 });
}

absl::StatusOr<Campaign> CampaignCommands::Cancel(const rpc::Caller& caller,
                                                  const campaigns::v1::CancelCampaignRequest& request) {
  return Command(pool_, caller, request.campaign_id(), request.reason(),
                 [&](Transaction& tx, const Campaign& campaign) {
                   if (campaign.state() == campaigns::v1::CAMPAIGN_STATE_CANCELLED) return absl::OkStatus();
                   return ChangeState(tx, campaign,
                                      {.to = campaigns::v1::CAMPAIGN_STATE_CANCELLED,
                                       .actor = caller.actor,
                                       .reason = request.reason(),
                                       .at = InMicros(clock_.Now())});
                 });
}

absl::StatusOr<Campaign> CampaignCommands::Clone(const rpc::Caller& caller,
                                                 const campaigns::v1::CloneCampaignRequest& request) {
  return CloneCampaign(pool_, clock_, caller, request);
}

}  // namespace trunkline::scheduler
