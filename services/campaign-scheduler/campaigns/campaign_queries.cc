#include "services/campaign-scheduler/campaigns/campaign_queries.h"

#include <optional>
#include <string>
#include <vector>

#include "libs/base/field_checks.h"
#include "libs/base/page_token.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/campaigns/campaign_creation.h"
#include "services/campaign-scheduler/campaigns/time_filter.h"
#include "services/campaign-scheduler/records/campaign_record.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Campaign;
using campaigns::v1::CampaignState;
using campaigns::v1::ListCampaignsRequest;
using campaigns::v1::ListCampaignsResponse;
using campaigns::v1::ListCampaignTransitionsRequest;
using campaigns::v1::ListCampaignTransitionsResponse;
using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

}  // namespace

absl::StatusOr<Campaign> CampaignQueries::Get(std::string_view business_id, std::string_view campaign_id) {
  return pool_.InBusiness(business_id, [&](Transaction& tx) { return ReadCampaign(tx, campaign_id); });
}

absl::StatusOr<ListCampaignsResponse> CampaignQueries::List(std::string_view business_id,
                                                            const ListCampaignsRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  std::vector<int64_t> states;
  for (int i = 0; i < request.states_size(); ++i) {
    checks.Require(campaigns::v1::CampaignState_IsValid(request.states(i)) && request.states(i) != 0,
                   Concat("states[", i, "]"), "must be a state");
    states.push_back(request.states(i));
  }
  checks.RequireText(request.name_contains(), kLongestCampaignName, "name_contains");
  TL_RETURN_IF_ERROR(checks.Finish());
  ListCampaignsRequest filters = request;
  filters.clear_page_size();
  filters.clear_page_token();
  const std::string list = Concat("campaigns ", business_id, " ", filters.SerializeAsString());
  std::optional<PagePosition> after;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadPageToken(list, request.page_token()));
  }
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListCampaignsResponse> {
    // One more than the page shows whether there is another.
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat(
                "SELECT ", CampaignColumns(), " FROM campaigns c JOIN campaign_progress p USING (campaign_id) WHERE ",
                "c.business_id = $1 AND ($2::smallint[] = '{}' OR c.state = ANY ($2)) AND ",
                "($3::text = '' OR position(lower($3) IN lower(c.name)) > 0) AND ",
                "($4::timestamptz IS NULL OR c.created_at >= $4) AND ($5::timestamptz IS NULL OR c.created_at < $5) ",
                "AND ($6::timestamptz IS NULL OR (c.created_at, c.campaign_id) < ($6, $7::uuid)) ",
                "ORDER BY c.created_at DESC, c.campaign_id DESC LIMIT ", page_size + 1),
            {business_id, Parameter::Array(states), request.name_contains(),
             TimeOrNull(request.has_created_after(), request.created_after()),
             TimeOrNull(request.has_created_before(), request.created_before()),
             after.has_value() ? Parameter(after->time) : Parameter(std::nullopt),
             after.has_value() ? Parameter(after->id) : Parameter(std::nullopt)}));
    ListCampaignsResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) {
      TL_ASSIGN_OR_RETURN(*response.add_campaigns(), CampaignOf(rows, i));
    }
    if (rows.size() > page_size) {
      const Campaign& last = response.campaigns(page_size - 1);
      response.set_next_page_token(
          MakePageToken(list, {.time = telephony::FromProto(last.created_at()), .id = last.campaign_id()}));
    }
    return response;
  });
}

absl::StatusOr<ListCampaignTransitionsResponse> CampaignQueries::ListTransitions(
    std::string_view business_id, const ListCampaignTransitionsRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  checks.RequireUuid(request.campaign_id(), "campaign_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = Concat("transitions ", business_id, " ", request.campaign_id());
  std::string before;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(before, ReadTextPageToken(list, request.page_token()));
  }
  const std::optional<int64_t> before_id = ParseInt(before);
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListCampaignTransitionsResponse> {
    TL_RETURN_IF_ERROR(ReadCampaign(tx, request.campaign_id()).status());
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("SELECT transition_id, from_state, to_state, actor, reason, ", Micros("at"),
                          " FROM campaign_transitions WHERE campaign_id = $1 AND ($2::bigint IS NULL OR ",
                          "transition_id < $2) ORDER BY transition_id DESC LIMIT ", page_size + 1),
                   {request.campaign_id(), before_id}));
    ListCampaignTransitionsResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) {
      auto* transition = response.add_transitions();
      transition->set_from(static_cast<CampaignState>(rows.Integer(i, 1)));
      transition->set_to(static_cast<CampaignState>(rows.Integer(i, 2)));
      transition->set_actor(rows.String(i, 3));
      transition->set_reason(rows.String(i, 4));
      *transition->mutable_at() = telephony::ToProto(*rows.Time(i, 5));
    }
    if (rows.size() > page_size) {
      response.set_next_page_token(MakeTextPageToken(list, rows.Text(page_size - 1, 0)));
    }
    return response;
  });
}

}  // namespace trunkline::scheduler
