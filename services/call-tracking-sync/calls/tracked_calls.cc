#include "services/call-tracking-sync/calls/tracked_calls.h"

#include <string>
#include <utility>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "services/call-tracking-sync/work/tracking_account.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Result;
using postgres::Transaction;
using tracking::v1::GetTrackedCallRequest;
using tracking::v1::GetTrackedCallResponse;
using tracking::v1::UpdateTrackedCallRequest;
using tracking::v1::UpdateTrackedCallResponse;
using tracking::v1::WarmTrackedCallsRequest;
using tracking::v1::WarmTrackedCallsResponse;

constexpr size_t kLongestId = 255;
constexpr int kMostTags = 200;
constexpr size_t kLongestTag = 1'000;
constexpr int kWarmedAtOnce = 1'000;

absl::Status NoSuchCall(std::string_view call_id) {
  return Error(absl::StatusCode::kNotFound, Reason::REASON_CALL_NOT_FOUND, Concat("no call ", call_id),
               {{"call_id", std::string(call_id)}});
}

absl::StatusOr<CallPtr> CallOfState(const std::string& bytes) {
  calls::v1::CallState state;
  if (!state.ParseFromString(bytes)) return absl::DataLossError("the state of a call cannot be read");
  return std::make_shared<const calls::v1::CallRecord>(telephony::Project(state));
}

absl::Status CheckGet(const GetTrackedCallRequest& request) {
  FieldChecks checks;
  if (!request.call_id().empty()) {
    checks.RequireUuid(request.call_id(), "call_id");
    checks.Require(request.provider_account_id().empty() && request.external_call_id().empty(), "call_id",
                   "must stand alone, or account and external_call_id instead");
  } else {
    checks.RequireUuid(request.provider_account_id(), "provider_account_id");
    checks.Require(!request.external_call_id().empty(), "external_call_id", "must not be empty");
    checks.RequireText(request.external_call_id(), kLongestId, "external_call_id");
  }
  return checks.Finish();
}

absl::Status CheckUpdate(const UpdateTrackedCallRequest& request) {
  FieldChecks checks;
  checks.RequireUuid(request.call_id(), "call_id");
  checks.Require(!request.tags().empty() || request.has_revenue() || request.has_payout() || request.has_converted(),
                 "tags", "something must be changed: tags, revenue, payout or converted");
  checks.Require(request.tags().size() <= kMostTags, "tags", "must be at most 200");
  for (const auto& [name, value] : request.tags()) {
    checks.Require(!name.empty(), "tags", "names must not be empty");
    checks.RequireText(name, kLongestTag, "tags");
    checks.RequireText(value, kLongestTag, "tags");
  }
  checks.RequireText(request.reason(), kLongestTag, "reason");
  const auto amount = [&](bool has, const calls::v1::Money& money, std::string_view field) {
    if (!has) return;
    checks.Require(money.micros() >= 0 && money.micros() % 100 == 0, field,
                   "must not be negative, nor finer than 1/10,000 of the unit");
  };
  amount(request.has_revenue(), request.revenue(), "revenue.micros");
  amount(request.has_payout(), request.payout(), "payout.micros");
  return checks.Finish();
}

}  // namespace

absl::StatusOr<CallPtr> TrackedCalls::Read(std::string_view business_id, std::string_view call_id) {
  const ReadTicket ticket = memory_.BeginRead();
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      pool_.ExecuteInBusiness(business_id,
                              "SELECT state FROM call_queue WHERE call_id = $1 AND business_id = $2 UNION ALL SELECT "
                              "state FROM call_history WHERE call_id = $1 AND business_id = $2",
                              {call_id, business_id}));
  if (rows.empty()) return CallPtr();
  TL_ASSIGN_OR_RETURN(CallPtr call, CallOfState(rows.Bytes(0, 0)));
  memory_.Put(ticket, call);
  return call;
}

absl::StatusOr<GetTrackedCallResponse> TrackedCalls::Get(const rpc::Caller& caller,
                                                         const GetTrackedCallRequest& request, absl::Duration limit) {
  TL_RETURN_IF_ERROR(CheckGet(request));
  const std::string call_id = request.call_id().empty()
                                  ? telephony::CallIdOf(request.provider_account_id(), request.external_call_id())
                                  : request.call_id();
  GetTrackedCallResponse response;
  if (const CallPtr call = memory_.Find(caller.business_id, call_id); call != nullptr) {
    *response.mutable_call() = *call;
    response.set_source(tracking::v1::READ_SOURCE_MEMORY);
    return response;
  }
  TL_ASSIGN_OR_RETURN(const CallPtr call, Read(caller.business_id, call_id));
  if (call != nullptr) {
    *response.mutable_call() = *call;
    response.set_source(tracking::v1::READ_SOURCE_DATABASE);
    return response;
  }
  // The platform can only be asked by its own id.
  if (request.only_here() || request.external_call_id().empty()) return NoSuchCall(call_id);
  const absl::Status account = pool_.InBusiness(caller.business_id, [&](Transaction& tx) {
    return PlatformOfAccount(tx, platforms_, request.provider_account_id()).status();
  });
  TL_RETURN_IF_ERROR(account);
  TL_ASSIGN_OR_RETURN(const std::string bytes, commands_.Ask({.kind = PlatformCommand::Kind::kFetchCall,
                                                              .business_id = caller.business_id,
                                                              .provider_account_id = request.provider_account_id(),
                                                              .external_call_id = request.external_call_id(),
                                                              .actor = caller.actor},
                                                             limit));
  response.mutable_call()->ParseFromString(bytes);
  response.set_source(tracking::v1::READ_SOURCE_PLATFORM);
  return response;
}

absl::StatusOr<UpdateTrackedCallResponse> TrackedCalls::Update(const rpc::Caller& caller,
                                                               const UpdateTrackedCallRequest& request,
                                                               absl::Duration limit) {
  TL_RETURN_IF_ERROR(CheckUpdate(request));
  TL_ASSIGN_OR_RETURN(const CallPtr call, Read(caller.business_id, request.call_id()));
  if (call == nullptr) return NoSuchCall(request.call_id());
  const std::string& account_id = call->details().provider_account_id();
  const absl::Status noted = pool_.InBusiness(caller.business_id, [&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(PlatformOfAccount(tx, platforms_, account_id).status());
    return tx
        .Execute(
            "INSERT INTO audit_log (business_id, actor, action, subject, detail) VALUES ($1, $2, "
            "'tracking_call.update', 'call', jsonb_build_object('call_id', $3::text))",
            {caller.business_id, caller.actor, request.call_id()})
        .status();
  });
  TL_RETURN_IF_ERROR(noted);
  TL_ASSIGN_OR_RETURN(const std::string bytes, commands_.Ask({.kind = PlatformCommand::Kind::kUpdateCall,
                                                              .business_id = caller.business_id,
                                                              .provider_account_id = account_id,
                                                              .external_call_id = call->details().external_call_id(),
                                                              .update = request,
                                                              .actor = caller.actor},
                                                             limit));
  UpdateTrackedCallResponse response;
  response.ParseFromString(bytes);
  return response;
}

absl::StatusOr<WarmTrackedCallsResponse> TrackedCalls::Warm(std::string_view business_id,
                                                            const WarmTrackedCallsRequest& request) {
  FieldChecks checks;
  checks.Require(request.has_range_start() && request.has_range_end(), "range_end", "both ends must be given");
  const absl::Time from = telephony::FromProto(request.range_start());
  const absl::Time to = telephony::FromProto(request.range_end());
  checks.Require(from < to, "range_end", "must be after range_start");
  TL_RETURN_IF_ERROR(checks.Finish());
  WarmTrackedCallsResponse response;
  // Newest first: of a range with more calls than are kept, those that are most likely asked for.
  absl::Time before = to;
  std::string before_id = "ffffffff-ffff-ffff-ffff-ffffffffffff";
  while (response.calls() < options_.most_warmed) {
    const ReadTicket ticket = memory_.BeginRead();
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        pool_.ExecuteInBusiness(
            business_id,
            Concat(
                "SELECT state, call_id, ", postgres::Micros("started_at"),
                " FROM call_history WHERE business_id = $1 AND started_at >= $2::timestamptz AND (started_at, "
                "call_id) ",
                "< ($3::timestamptz, $4::uuid) AND provider = ANY ($5::text[]) ORDER BY started_at DESC, call_id DESC ",
                "LIMIT ", kWarmedAtOnce),
            {business_id, from, before, before_id, postgres::Parameter::Array(platforms_.Names())}));
    for (int i = 0; i < rows.size(); ++i) {
      TL_ASSIGN_OR_RETURN(CallPtr call, CallOfState(rows.Bytes(i, 0)));
      memory_.Put(ticket, std::move(call));
    }
    response.set_calls(response.calls() + rows.size());
    if (rows.size() < kWarmedAtOnce) break;
    before_id = rows.String(rows.size() - 1, 1);
    before = *rows.Time(rows.size() - 1, 2);
  }
  return response;
}

}  // namespace trunkline::tracking_sync
