#include "services/call-tracking-sync/reconciliation/reconciliation_requests.h"

#include <string>
#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/ids.h"
#include "libs/base/page_token.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/call-tracking-sync/reconciliation/discrepancy_rows.h"
#include "services/call-tracking-sync/work/time_range.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Result;
using postgres::Transaction;
using tracking::v1::CallDiscrepancy;
using tracking::v1::ListDiscrepanciesRequest;
using tracking::v1::ListDiscrepanciesResponse;
using tracking::v1::Reconciliation;
using tracking::v1::StartReconciliationRequest;

}  // namespace

absl::StatusOr<Reconciliation> ReconciliationRequests::Start(const rpc::Caller& caller,
                                                             const StartReconciliationRequest& request) {
  const absl::Time now = InMicros(clock_.Now());
  FieldChecks checks;
  checks.RequireUuid(request.request_id(), "request_id");
  const TimeRange range = RangeOf(request, now - options_.grace, checks);
  TL_RETURN_IF_ERROR(checks.Finish());
  NewReconciliation wanted = {
      .business_id = caller.business_id, .request_id = request.request_id(), .actor = caller.actor};
  wanted.reconciliation.set_reconciliation_id(NewUuid(now));
  wanted.reconciliation.set_trigger(tracking::v1::CHECK_TRIGGER_REQUEST);
  *wanted.reconciliation.mutable_range_start() = telephony::ToProto(range.from);
  *wanted.reconciliation.mutable_range_end() = telephony::ToProto(range.before);
  return pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::StatusOr<Reconciliation> {
    TL_ASSIGN_OR_RETURN(const Result open, tx.Execute("SELECT count(*) FROM reconciliations WHERE business_id = $1 AND "
                                                      "state IN (1, 2) AND request_id <> $2",
                                                      {caller.business_id, request.request_id()}));
    if (open.Integer(0, 0) >= options_.most_open) {
      return Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                   Concat("the business has ", open.Integer(0, 0), " reconciliations that are not over"));
    }
    TL_RETURN_IF_ERROR(InsertReconciliation(tx, wanted, now));
    TL_ASSIGN_OR_RETURN(const Result rows,
                        tx.Execute(Concat("SELECT ", ReconciliationColumns(),
                                          " FROM reconciliations WHERE business_id = $1 AND ", "request_id = $2"),
                                   {caller.business_id, request.request_id()}));
    return ReconciliationOfRow(rows, 0);
  });
}

absl::StatusOr<Reconciliation> ReconciliationRequests::Get(std::string_view business_id,
                                                           std::string_view reconciliation_id) {
  FieldChecks checks;
  checks.RequireUuid(reconciliation_id, "reconciliation_id");
  TL_RETURN_IF_ERROR(checks.Finish());
  return pool_.InBusiness(business_id,
                          [&](Transaction& tx) { return ReadReconciliation(tx, business_id, reconciliation_id); });
}

absl::StatusOr<ListDiscrepanciesResponse> ReconciliationRequests::ListDiscrepancies(
    std::string_view business_id, const ListDiscrepanciesRequest& request) {
  FieldChecks checks;
  const int page_size = PageSize(request.page_size(), checks);
  checks.Require(tracking::v1::DiscrepancyKind_IsValid(request.kind()), "kind", "must be a kind of discrepancy");
  TL_RETURN_IF_ERROR(checks.Finish());
  const int kind = static_cast<int>(request.kind());
  const std::string list = Concat("discrepancies ", business_id, " ", kind, request.with_resolved() ? " all" : " open");
  PagePosition after = {.time = absl::FromUnixSeconds(253'402'300'799), .id = "ffffffff-ffff-ffff-ffff-ffffffffffff"};
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(after, ReadPageToken(list, request.page_token()));
  }
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ListDiscrepanciesResponse> {
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat("SELECT discrepancy FROM call_discrepancies WHERE business_id = $1 AND ($2::integer = 0 OR kind ",
                   "= $2) AND (state = 1 OR $3) AND (started_at, discrepancy_id) < ($4::timestamptz, $5::uuid) ",
                   "ORDER BY started_at DESC, discrepancy_id DESC LIMIT ", page_size + 1),
            {business_id, kind, request.with_resolved(), after.time, after.id}));
    ListDiscrepanciesResponse response;
    for (int i = 0; i < rows.size() && i < page_size; ++i) {
      response.add_discrepancies()->ParseFromString(rows.Bytes(i, 0));
    }
    if (rows.size() > page_size) {
      const CallDiscrepancy& last = response.discrepancies(page_size - 1);
      response.set_next_page_token(
          MakePageToken(list, {.time = telephony::FromProto(last.started_at()), .id = last.discrepancy_id()}));
    }
    return response;
  });
}

}  // namespace trunkline::tracking_sync
