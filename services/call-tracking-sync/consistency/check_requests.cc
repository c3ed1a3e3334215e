#include "services/call-tracking-sync/consistency/check_requests.h"

#include <string>
#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/page_token.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/call-tracking-sync/consistency/check_rows.h"
#include "services/call-tracking-sync/work/time_range.h"
#include "services/call-tracking-sync/work/tracking_account.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Result;
using postgres::Transaction;
using tracking::v1::Check;
using tracking::v1::ListChecksRequest;
using tracking::v1::ListChecksResponse;
using tracking::v1::ListFindingsRequest;
using tracking::v1::ListFindingsResponse;
using tracking::v1::StartCheckRequest;

bool IsSame(const Check& check, const Check& wanted) {
  return check.provider_account_id() == wanted.provider_account_id() && check.subject() == wanted.subject() &&
         check.repair() == wanted.repair();
}

}  // namespace

absl::StatusOr<Check> CheckRequests::Start(const rpc::Caller& caller, const StartCheckRequest& request) {
  const absl::Time now = InMicros(clock_.Now());
  FieldChecks checks;
  checks.RequireUuid(request.request_id(), "request_id");
  checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  checks.Require(tracking::v1::RepairPolicy_IsValid(request.repair()), "repair", "must be a policy");
  checks.Require(tracking::v1::CheckSubject_IsValid(request.subject()), "subject", "must be a subject");
  const TimeRange range = RangeOf(request, now - options_.grace, checks);
  TL_RETURN_IF_ERROR(checks.Finish());

  NewCheck wanted = {.business_id = caller.business_id, .request_id = request.request_id(), .actor = caller.actor};
  wanted.check.set_check_id(NewUuid(now));
  wanted.check.set_provider_account_id(request.provider_account_id());
  wanted.check.set_trigger(tracking::v1::CHECK_TRIGGER_REQUEST);
  wanted.check.set_subject(request.subject() == tracking::v1::CHECK_SUBJECT_UNSPECIFIED
                               ? tracking::v1::CHECK_SUBJECT_PLATFORM
                               : request.subject());
  const bool can_repair = wanted.check.subject() == tracking::v1::CHECK_SUBJECT_PLATFORM;
  wanted.check.set_repair(!can_repair ? tracking::v1::REPAIR_POLICY_NONE
                          : request.repair() == tracking::v1::REPAIR_POLICY_UNSPECIFIED
                              ? tracking::v1::REPAIR_POLICY_MISSING
                              : request.repair());
  *wanted.check.mutable_range_start() = telephony::ToProto(range.from);
  *wanted.check.mutable_range_end() = telephony::ToProto(range.before);
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<Check> {
    TL_ASSIGN_OR_RETURN(const std::string platform, PlatformOfAccount(tx, platforms_, request.provider_account_id()));
    wanted.check.set_platform(platform);
    TL_ASSIGN_OR_RETURN(
        const Result open,
        tx.Execute("SELECT count(*) FROM consistency_checks WHERE provider_account_id = $1 AND state IN "
                   "(1, 2) AND request_id <> $2",
                   {request.provider_account_id(), request.request_id()}));
    if (open.Integer(0, 0) >= options_.most_open) {
      return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                   Concat("the account has ", open.Integer(0, 0), " checks that are not over"));
    }
    TL_RETURN_IF_ERROR(InsertCheck(tx, wanted, now));
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute(Concat("SELECT ", CheckColumns(),
                                          " FROM consistency_checks WHERE business_id = $1 AND ", "request_id = $2"),
                                   {caller.business_id, request.request_id()}));
    Check check = CheckOfRow(rows, 0).check;
    if (!IsSame(check, wanted.check)) {
      return Error(absl::StatusCode::kAlreadyExists, Reason::REASON_REQUEST_ID_REUSED,
                   "the request_id was used before for another check");
    }
    return check;
  });
}

absl::StatusOr<Check> CheckRequests::Get(std::string_view business_id, std::string_view check_id) {
  FieldChecks checks;
  checks.RequireUuid(check_id, "check_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(business_id, [&](Transaction& tx) { return ReadCheck(tx, business_id, check_id); });
}

absl::StatusOr<ListChecksResponse> CheckRequests::List(std::string_view business_id, const ListChecksRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  if (!request.provider_account_id().empty()) checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  const std::string list = Concat("checks ", business_id, " ", request.provider_account_id());
  PagePosition after = {.time = absl::FromUnixSeconds(253'402'300'799), .id = "ffffffff-ffff-ffff-ffff-ffffffffffff"};
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadPageToken(list, request.page_token()));
  }
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListChecksResponse> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat("SELECT ", CheckColumns(),
                   " FROM consistency_checks WHERE business_id = $1 AND ($2::text = '' OR provider_account_id::text",
                   " = $2) AND (created_at, check_id) < ($3::timestamptz, $4::uuid) ORDER BY created_at DESC, ",
                   "check_id DESC LIMIT ", page_size + 1),
            {business_id, request.provider_account_id(), after.time, after.id}));
    ListChecksResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) *response.add_checks() = CheckOfRow(rows, i).check;
    if (rows.size() > page_size) {
      const Check& last = response.checks(page_size - 1);
      response.set_next_page_token(
          MakePageToken(list, {.time = telephony::FromProto(last.created_at()), .id = last.check_id()}));
    }
    return response;
  });
}

absl::StatusOr<Check> CheckRequests::Cancel(const rpc::Caller& caller, std::string_view check_id) {
  FieldChecks checks;
  checks.RequireUuid(check_id, "check_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  const absl::Time now = InMicros(clock_.Now());
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<Check> {
    TL_RETURN_IF_ERROR(
        tx.Execute("UPDATE consistency_checks SET state = 5, ended_at = $3::timestamptz, error = $4 WHERE "
                   "check_id = $1 AND business_id = $2 AND state IN (1, 2)",
                   {check_id, caller.business_id, now, Concat("ended by ", caller.actor)})
            .status());
    return ReadCheck(tx, caller.business_id, check_id);
  });
}

absl::StatusOr<ListFindingsResponse> CheckRequests::ListFindings(std::string_view business_id,
                                                                 const ListFindingsRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.check_id(), "check_id");
  const int page_size = PageSize(request.page_size(), checks);
  checks.Require(tracking::v1::FindingKind_IsValid(request.kind()), "kind", "must be a kind of finding");
  TL_RETURN_IF_ERROR(checks.Finish());
  const int kind = static_cast<int>(request.kind());
  const std::string list = Concat("findings ", business_id, " ", request.check_id(), " ", kind);
  // The platform's id, and the kind in one digit before it.
  std::string after;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadTextPageToken(list, request.page_token()));
  }
  const size_t space = after.find(' ');
  const std::string after_kind = after.substr(0, space == std::string::npos ? 0 : space);
  const std::string after_id = space == std::string::npos ? std::string() : after.substr(space + 1);
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListFindingsResponse> {
    TL_RETURN_IF_ERROR(ReadCheck(tx, business_id, request.check_id()).status());
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat("SELECT finding FROM consistency_findings WHERE check_id = $1 AND ($2::integer = 0 OR kind = $2)",
                   " AND (external_call_id, kind) > ($3, $4::smallint) ORDER BY external_call_id, kind LIMIT ",
                   page_size + 1),
            {request.check_id(), kind, after_id, static_cast<int>(ParseInt(after_kind).value_or(0))}));
    ListFindingsResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) response.add_findings()->ParseFromString(rows.Bytes(i, 0));
    if (rows.size() > page_size) {
      const tracking::v1::Finding& last = response.findings(page_size - 1);
      response.set_next_page_token(
          MakeTextPageToken(list, Concat(static_cast<int>(last.kind()), " ", last.external_call_id())));
    }
    return response;
  });
}

}  // namespace trunkline::tracking_sync
