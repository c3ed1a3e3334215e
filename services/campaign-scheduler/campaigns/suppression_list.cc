#include "services/campaign-scheduler/campaigns/suppression_list.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/field_checks.h"
#include "libs/base/page_token.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/records/campaign_record.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::AddSuppressionsRequest;
using campaigns::v1::AddSuppressionsResponse;
using campaigns::v1::ListSuppressionsRequest;
using campaigns::v1::ListSuppressionsResponse;
using campaigns::v1::RemoveSuppressionsRequest;
using campaigns::v1::RemoveSuppressionsResponse;
using campaigns::v1::Suppression;
using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr int kMost = 1'000;
constexpr size_t kLongestSuppressionReason = 500;
constexpr std::string_view kAllCampaigns = "00000000-0000-0000-0000-000000000000";

std::string_view ListOf(const std::string& campaign_id) {
  return campaign_id.empty() ? kAllCampaigns : std::string_view(campaign_id);
}

void CheckCampaign(const std::string& campaign_id, std::string_view field, FieldChecks& checks) {
  if (!campaign_id.empty()) checks.RequireUuid(campaign_id, field);
}

// In one statement: whoever commits attempts waits while it is under way.
absl::StatusOr<int64_t> Put(Transaction& tx, const rpc::Caller& caller, const AddSuppressionsRequest& request,
                            absl::Time now) {
  std::vector<std::string> numbers;
  std::vector<std::string> campaigns;
  std::vector<std::string> reasons;
  std::vector<std::string> ends;
  for (const Suppression& suppression : request.suppressions()) {
    numbers.push_back(suppression.number());
    campaigns.emplace_back(ListOf(suppression.campaign_id()));
    reasons.push_back(suppression.reason());
    ends.push_back(suppression.has_expires_at()
                       ? postgres::FormatTimestamp(telephony::ToMicros(suppression.expires_at()))
                       : std::string());
  }
  // One whose time is over is none any more.
  TL_ASSIGN_OR_RETURN(
      const Result put,
      tx.Execute("INSERT INTO suppression AS known (number, business_id, campaign_id, reason, actor, added_at, "
                 "expires_at) SELECT DISTINCT ON (number, campaign_id) number, $1::uuid, campaign_id, reason, $2, "
                 "$3::timestamptz, nullif(expires_at, '')::timestamptz FROM unnest($4::text[], $5::uuid[], $6::text[], "
                 "$7::text[]) AS entry (number, campaign_id, reason, expires_at) ON CONFLICT (number, business_id, "
                 "campaign_id) DO UPDATE SET reason = excluded.reason, actor = excluded.actor, added_at = "
                 "excluded.added_at, expires_at = excluded.expires_at WHERE known.expires_at <= excluded.added_at",
                 {caller.business_id, caller.actor, now, Parameter::Array(numbers), Parameter::Array(campaigns),
                  Parameter::Array(reasons), Parameter::Array(ends)}));
  return put.affected();
}

// What changed on a list, for the audit; the numbers are in the list.
absl::Status Audit(Transaction& tx, const rpc::Caller& caller, std::string_view action, int64_t numbers) {
  return tx
      .Execute(
          "INSERT INTO audit_log (business_id, actor, action, subject, detail) VALUES ($1, $2, $3, 'suppression', "
          "jsonb_build_object('numbers', $4::bigint))",
          {caller.business_id, caller.actor, action, numbers})
      .status();
}

}  // namespace

absl::StatusOr<AddSuppressionsResponse> SuppressionList::Add(const rpc::Caller& caller,
                                                             const AddSuppressionsRequest& request) {
  const absl::Time now = InMicros(clock_.Now());
  FieldChecks checks;
  checks.Require(request.suppressions_size() >= 1 && request.suppressions_size() <= kMost, "suppressions",
                 "must be 1 to 1,000");
  std::set<std::string> campaigns;
  for (int i = 0; i < request.suppressions_size() && i < kMost; ++i) {
    const Suppression& suppression = request.suppressions(i);
    const std::string at = Concat("suppressions[", i, "]");
    checks.Require(telephony::IsE164(suppression.number()), Concat(at, ".number"), telephony::kMustBeE164);
    CheckCampaign(suppression.campaign_id(), Concat(at, ".campaign_id"), checks);
    checks.RequireText(suppression.reason(), kLongestSuppressionReason, Concat(at, ".reason"));
    checks.Require(!suppression.has_expires_at() || telephony::FromProto(suppression.expires_at()) > now,
                   Concat(at, ".expires_at"), "must lie ahead");
    if (!suppression.campaign_id().empty()) campaigns.insert(suppression.campaign_id());
  }
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<AddSuppressionsResponse> {
    for (const std::string& campaign_id : campaigns) TL_RETURN_IF_ERROR(ReadCampaign(tx, campaign_id).status());
    TL_ASSIGN_OR_RETURN(const int64_t added, Put(tx, caller, request, now));
    TL_RETURN_IF_ERROR(Audit(tx, caller, "suppression.add", added));
    AddSuppressionsResponse response;
    response.set_added(static_cast<int32_t>(added));
    return response;
  });
}

absl::StatusOr<RemoveSuppressionsResponse> SuppressionList::Remove(const rpc::Caller& caller,
                                                                   const RemoveSuppressionsRequest& request) {
  FieldChecks checks;
  checks.Require(request.numbers_size() >= 1 && request.numbers_size() <= kMost, "numbers", "must be 1 to 1,000");
  for (int i = 0; i < request.numbers_size() && i < kMost; ++i) {
    checks.Require(telephony::IsE164(request.numbers(i)), Concat("numbers[", i, "]"), telephony::kMustBeE164);
  }
  CheckCampaign(request.campaign_id(), "campaign_id", checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<RemoveSuppressionsResponse> {
    if (!request.campaign_id().empty()) TL_RETURN_IF_ERROR(ReadCampaign(tx, request.campaign_id()).status());
    TL_ASSIGN_OR_RETURN(
        const Result removed,
        tx.Execute("DELETE FROM suppression WHERE number = ANY ($1::text[]) AND business_id = $2 AND campaign_id = $3",
                   {Parameter::Array(std::vector<std::string>(request.numbers().begin(), request.numbers().end())),
                    caller.business_id, ListOf(request.campaign_id())}));
    TL_RETURN_IF_ERROR(Audit(tx, caller, "suppression.remove", removed.affected()));
    RemoveSuppressionsResponse response;
    response.set_removed(static_cast<int32_t>(removed.affected()));
    return response;
  });
}

absl::StatusOr<ListSuppressionsResponse> SuppressionList::List(std::string_view business_id,
                                                               const ListSuppressionsRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  CheckCampaign(request.campaign_id(), "campaign_id", checks);
  checks.Require(request.number().empty() || telephony::IsE164(request.number()), "number", telephony::kMustBeE164);
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = Concat("suppressions ", business_id, " ", request.campaign_id(), " ", request.number());
  std::string after;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadTextPageToken(list, request.page_token()));
  }
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListSuppressionsResponse> {
    if (!request.campaign_id().empty()) TL_RETURN_IF_ERROR(ReadCampaign(tx, request.campaign_id()).status());
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(Concat("SELECT number, reason, actor, ", Micros("added_at"), ", ", Micros("expires_at"),
                          " FROM suppression WHERE business_id = $1 AND campaign_id = $2 AND number > $3 AND ",
                          "($4::text = '' OR number = $4) ORDER BY number LIMIT ", page_size + 1),
                   {business_id, ListOf(request.campaign_id()), after, request.number()}));
    ListSuppressionsResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) {
      Suppression& suppression = *response.add_suppressions();
      suppression.set_number(rows.String(i, 0));
      suppression.set_campaign_id(request.campaign_id());
      suppression.set_reason(rows.String(i, 1));
      suppression.set_actor(rows.String(i, 2));
      *suppression.mutable_added_at() = telephony::ToProto(*rows.Time(i, 3));
      if (const auto expires_at = rows.Time(i, 4)) *suppression.mutable_expires_at() = telephony::ToProto(*expires_at);
    }
    if (rows.size() > page_size) {
      response.set_next_page_token(MakeTextPageToken(list, response.suppressions(page_size - 1).number()));
    }
    return response;
  });
}

}  // namespace trunkline::scheduler
