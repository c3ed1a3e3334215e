#include "services/gateway/calls/dial_rows.h"

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using postgres::Micros;
using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;

constexpr std::string_view kErrorPrefix = "CALL_ERROR_CODE_";

std::string NameOfCode(calls::v1::CallErrorCode code) {
  return Lower(std::string_view(calls::v1::CallErrorCode_Name(code)).substr(kErrorPrefix.size()));
}

calls::v1::CallErrorCode ErrorCodeOf(std::string_view name) {
  for (int code = 0; code <= calls::v1::CallErrorCode_MAX; ++code) {
    if (calls::v1::CallErrorCode_IsValid(code) && NameOfCode(static_cast<calls::v1::CallErrorCode>(code)) == name) {
      return static_cast<calls::v1::CallErrorCode>(code);
    }
  }
  return calls::v1::CALL_ERROR_CODE_UNSPECIFIED;
}

}  // namespace

std::string DialColumns(std::string_view alias) {
  const auto column = [&](std::string_view name) { return Concat(alias, ".", name); };
  return Concat(column("state"), ", ", Micros(column("committed_at")), ", ", Micros(column("resolved_at")), ", ",
                column("resolved_by"), ", ", column("facts"), ", ", column("attempt"), ", ",
                Micros(Concat("coalesce(", column("attempt_committed_at"), ", ", column("committed_at"), ")")), ", ",
                column("provider_account_id"), ", ", column("from_number"));
}

absl::StatusOr<DialView> DialOfRow(const Result& rows, int row, int column) {
  DialView dial{.state = DialStateOf(rows.Text(row, column)),
                .committed_at = *rows.Time(row, column + 1),
                .attempt = rows.Integer(row, column + 5),
                .attempt_committed_at = *rows.Time(row, column + 6),
                .provider_account_id = rows.String(row, column + 7),
                .from = rows.String(row, column + 8),
                .earlier = {},
                .resolved_at = rows.Time(row, column + 2),
                .resolved_by = rows.String(row, column + 3),
                .facts = {}};
  if (!dial.facts.ParseFromString(rows.Bytes(row, column + 4))) {
    return absl::DataLossError("a dial's facts cannot be read");
  }
  return dial;
}

absl::Status AddEarlierAttempts(Transaction& tx, std::string_view call_id, DialView* dial) {
  if (dial->attempt == 1) return absl::OkStatus();
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT number, provider_account_id, from_number, state, resolved_by, ",
                                        Micros("committed_at"), ", ", Micros("resolved_at"),
                                        ", error_code, error_message, provider_error_code, provider_error_message, ",
                                        "retryable FROM dial_attempts WHERE call_id = $1 ORDER BY number"),
                                 {call_id}));
  for (int i = 0; i < rows.size(); ++i) {
    control::v1::DialAttempt& attempt = dial->earlier.emplace_back();
    attempt.set_number(static_cast<int32_t>(rows.Integer(i, 0)));
    attempt.set_provider_account_id(rows.String(i, 1));
    attempt.set_from(rows.String(i, 2));
    attempt.set_state(DialStateOf(rows.Text(i, 3)));
    attempt.set_resolved_by(rows.String(i, 4));
    *attempt.mutable_committed_at() = telephony::ToProto(*rows.Time(i, 5));
    *attempt.mutable_resolved_at() = telephony::ToProto(*rows.Time(i, 6));
    calls::v1::CallError* error = attempt.mutable_error();
    error->set_code(ErrorCodeOf(rows.Text(i, 7)));
    error->set_message(rows.String(i, 8));
    error->set_provider_code(rows.String(i, 9));
    error->set_provider_message(rows.String(i, 10));
    error->set_retryable(rows.Boolean(i, 11));
  }
  return absl::OkStatus();
}

absl::Status InsertAttempt(Transaction& tx, std::string_view business_id, std::string_view call_id,
                           const EndedAttempt& attempt) {
  return tx
      .Execute(
          "INSERT INTO dial_attempts (call_id, number, business_id, provider_account_id, from_number, state, "
          "resolved_by, committed_at, resolved_at, error_code, error_message, provider_error_code, "
          "provider_error_message, retryable) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
          {call_id, attempt.number, business_id, attempt.provider_account_id, attempt.from,
           gateway::NameOf(attempt.state), attempt.resolved_by, attempt.committed_at, attempt.resolved_at,
           NameOfCode(attempt.error.code()), attempt.error.message(),
           Parameter::TextOrNull(attempt.error.provider_code()),
           Parameter::TextOrNull(attempt.error.provider_message()), attempt.error.retryable()})
      .status();
}

}  // namespace trunkline::gateway
