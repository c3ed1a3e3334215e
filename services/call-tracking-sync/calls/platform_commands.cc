#include "services/call-tracking-sync/calls/platform_commands.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/tracking/call_events.h"
#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::PlatformCall;
using tracking::v1::UpdateTrackedCallRequest;
using tracking::v1::UpdateTrackedCallResponse;
using Kind = PlatformCommand::Kind;

constexpr int64_t kMicrosInAmount = 100;

std::string NameOf(Kind kind) { return kind == Kind::kFetchCall ? "fetch_call" : "update_call"; }

// What the business is told of an error of its platform.
absl::Status ForBusiness(const absl::Status& status) {
  if (!tracking::TrackingErrorOf(status).has_value()) return status;
  const std::string text = tracking::DescribeError(status);
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return Error(absl::StatusCode::kNotFound, Reason::REASON_CALL_NOT_FOUND, "the platform does not know the call");
    case absl::StatusCode::kUnimplemented:
      return Error(absl::StatusCode::kUnimplemented, Reason::REASON_UNSUPPORTED_BY_PROVIDER, text);
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return Error(absl::StatusCode::kUnavailable, Reason::REASON_PROVIDER_UNAVAILABLE, text);
    default:
      return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_PROVIDER_REJECTED, text);
  }
}

tracking::CallUpdate UpdateOf(const UpdateTrackedCallRequest& request) {
  tracking::CallUpdate update;
  if (!request.tags().empty()) update.tags = tracking::Tags(request.tags().begin(), request.tags().end());
  if (request.has_revenue()) update.revenue = request.revenue().micros() / kMicrosInAmount;
  if (request.has_payout()) update.payout = request.payout().micros() / kMicrosInAmount;
  if (request.has_converted()) update.converted = request.converted();
  update.reason = request.reason();
  return update;
}

// What carrying a command out gave.
struct Outcome {
  absl::Status status;
  std::string response = {};
  std::optional<PlatformCall> call = std::nullopt;  // to be sent to the tables
};

Outcome Fetch(const AccountAtWork& work, const std::string& external_id) {
  absl::StatusOr<tracking::Answer<PlatformCall>> answer = work.platform.Client().FetchCall(work.account, external_id);
  if (!answer.ok()) return {.status = ForBusiness(answer.status())};
  std::string response = RecordOf(work.account, answer->value).SerializeAsString();
  return {.status = absl::OkStatus(), .response = std::move(response), .call = std::move(answer->value)};
}

Outcome Update(const AccountAtWork& work, const std::string& external_id, const std::string& bytes) {
  UpdateTrackedCallRequest request;
  request.ParseFromString(bytes);
  absl::StatusOr<tracking::CallUpdateOutcome> done =
      work.platform.Client().UpdateCall(work.account, external_id, UpdateOf(request));
  if (!done.ok()) return {.status = ForBusiness(done.status())};
  UpdateTrackedCallResponse response;
  for (const std::string& part : done->done) response.add_done(part);
  response.set_failed(done->failed);
  if (!done->failed.empty()) response.set_error(std::string(ForBusiness(done->status).message()));
  return {.status = absl::OkStatus(), .response = response.SerializeAsString(), .call = std::move(done->call)};
}

}  // namespace

absl::StatusOr<std::string> PlatformCommands::Ask(const PlatformCommand& command, absl::Duration limit) {
  const absl::Time now = InMicros(clock_.Now());
  const std::string id = NewUuid(now);
  TL_RETURN_IF_ERROR(pool_.InBusiness(command.business_id, [&](Transaction& tx) {
    return tx
        .Execute(
            "INSERT INTO tracking_commands (command_id, business_id, provider_account_id, kind, external_call_id, "
            "request, actor, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            {id, command.business_id, command.provider_account_id, NameOf(command.kind), command.external_call_id,
             Parameter::Bytes(command.update.SerializeAsString()), command.actor, now, now + limit})
        .status();
  }));
  while (true) {
    const uint64_t told = notices_.count();
    TL_ASSIGN_OR_RETURN(const Result rows, pool_.ExecuteInBusiness(command.business_id,
                                                                   "SELECT is_done, status_code, status_reason, "
                                                                   "status_message, response FROM tracking_commands "
                                                                   "WHERE command_id = $1",
                                                                   {id}));
    if (!rows.empty() && rows.Boolean(0, 0)) {
      if (rows.Integer(0, 1) == 0) return rows.Bytes(0, 4);
      const auto code = static_cast<absl::StatusCode>(rows.Integer(0, 1));
      const auto reason = static_cast<Reason>(rows.Integer(0, 2));
      if (reason == Reason::REASON_UNSPECIFIED) return absl::Status(code, ToAbsl(rows.Text(0, 3)));
      return Error(code, reason, rows.Text(0, 3));
    }
    const absl::Duration left = now + limit - clock_.Now();
    if (left <= absl::ZeroDuration()) {
      return Error(absl::StatusCode::kDeadlineExceeded, Reason::REASON_PROVIDER_UNAVAILABLE,
                   "the platform was not asked, or did not answer, in time; ask again later");
    }
    notices_.WaitPast(told, std::min(left, options_.look));
  }
}

absl::StatusOr<bool> CommandRunner::WorkOn(const AccountAtWork& work) {
  const absl::Time now = InMicros(clock_.Now());
  struct Row {
    std::string id;
    std::string kind;
    std::string external_id;
    std::string request;
  };
  TL_ASSIGN_OR_RETURN(
      const std::optional<Row> row, pool_.InTransaction([&](Transaction& tx) -> absl::StatusOr<std::optional<Row>> {
        TL_RETURN_IF_ERROR(tx.Execute("DELETE FROM tracking_commands WHERE provider_account_id = $1 AND expires_at < "
                                      "$2::timestamptz",
                                      {work.account.id, now - options_.kept})
                               .status());
        TL_ASSIGN_OR_RETURN(
            const Result rows,
            tx.Execute("SELECT command_id, kind, external_call_id, request FROM tracking_commands WHERE "
                       "provider_account_id = $1 AND NOT is_done AND expires_at > $2::timestamptz ORDER BY created_at "
                       "LIMIT 1",
                       {work.account.id, now}));
        if (rows.empty()) return std::nullopt;
        return Row{.id = rows.String(0, 0),
                   .kind = rows.String(0, 1),
                   .external_id = rows.String(0, 2),
                   .request = rows.Bytes(0, 3)};
      }));
  if (!row.has_value()) return false;

  const Outcome outcome = row->kind == NameOf(Kind::kFetchCall) ? Fetch(work, row->external_id)
                                                                : Update(work, row->external_id, row->request);
  if (outcome.call.has_value()) {
    TL_RETURN_IF_ERROR(work.send_records({*outcome.call}, webhooks::v1::RECORD_REASON_SYNC));
  }
  absl::Status committed = pool_.InTransaction([&](Transaction& tx) -> absl::Status {
    TL_RETURN_IF_ERROR(work.fence(tx));
    return tx
        .Execute(
            "UPDATE tracking_commands SET is_done = true, response = $2, status_code = $3, status_reason = $4, "
            "status_message = $5 WHERE command_id = $1",
            {row->id, Parameter::Bytes(outcome.response), static_cast<int>(outcome.status.code()),
             static_cast<int>(ReasonOf(outcome.status)), ToStd(outcome.status.message())})
        .status();
  });
  if (!committed.ok()) return committed;
  return true;
}

calls::v1::CallRecord RecordOf(const tracking::Account& account, const PlatformCall& call) {
  const tracking::CallPlace place = {.platform = account.provider, .account_id = account.id};
  calls::v1::CallState state;
  for (events::v1::CallEvent& event : tracking::EventsOfRecord(place, call.call, {.requested_at = call.requested_at})) {
    event.set_business_id(account.business_id);
    telephony::MergeEvent(event, &state);
  }
  return telephony::Project(state);
}

}  // namespace trunkline::tracking_sync
