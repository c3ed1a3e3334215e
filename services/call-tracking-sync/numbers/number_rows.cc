#include "services/call-tracking-sync/numbers/number_rows.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Micros;
using postgres::Result;
using postgres::Transaction;
using tracking::NumberStatus;
using tracking::v1::NumberOrder;
using tracking::v1::TrackedNumber;
using tracking::v1::TrackingNumberState;

constexpr int kNumberColumns = 12;

void SetTime(const std::optional<absl::Time>& time, google::protobuf::Timestamp* (TrackedNumber::*field)(),
             TrackedNumber* number) {
  if (time.has_value()) *(number->*field)() = telephony::ToProto(*time);
}

TrackedNumber ReadNumber(const Result& rows, int row, int first) {
  TrackedNumber number;
  number.set_provider_account_id(rows.String(row, first));
  number.set_number(rows.String(row, first + 1));
  number.set_external_number_id(rows.String(row, first + 2));
  number.set_state(static_cast<TrackingNumberState>(rows.Integer(row, first + 3)));
  number.set_managed(rows.Boolean(row, first + 4));
  number.set_toll_free(rows.Boolean(row, first + 5));
  number.set_country(rows.String(row, first + 6));
  number.set_campaign_id(rows.String(row, first + 7));
  number.set_publisher_id(rows.String(row, first + 8));
  SetTime(rows.Time(row, first + 9), &TrackedNumber::mutable_provisioned_at, &number);
  SetTime(rows.Time(row, first + 10), &TrackedNumber::mutable_seen_at, &number);
  SetTime(rows.Time(row, first + 11), &TrackedNumber::mutable_released_at, &number);
  return number;
}

std::string ColumnsOf(std::string_view table) {
  const auto column = [&](std::string_view name) { return Concat(table, name); };
  return Concat(column("provider_account_id"), ", ", column("number"), ", ", column("external_number_id"), ", ",
                column("state"), ", ", column("is_managed"), ", ", column("toll_free"), ", ", column("country"), ", ",
                column("campaign_id"), ", ", column("publisher_id"), ", ", Micros(column("provisioned_at")), ", ",
                Micros(column("seen_at")), ", ", Micros(column("released_at")));
}

// "{a,b}" as array_to_string(..., ',') gives it; the values hold no comma.
std::vector<std::string> ListOf(std::string_view text) {
  std::vector<std::string> values;
  if (text.empty()) return values;
  for (const std::string_view value : Split(text, ',')) values.emplace_back(value);
  return values;
}

int StateOf(NumberStatus status) {
  switch (status) {
    case NumberStatus::kPaused:
      return tracking::v1::TRACKING_NUMBER_STATE_PAUSED;
    case NumberStatus::kReleased:
      return tracking::v1::TRACKING_NUMBER_STATE_RELEASED;
    case NumberStatus::kActive:
    case NumberStatus::kPending:
      break;
  }
  return tracking::v1::TRACKING_NUMBER_STATE_ACTIVE;
}

}  // namespace

std::string NumberColumns() { return ColumnsOf(""); }
TrackedNumber NumberOfRow(const Result& rows, int row) { return ReadNumber(rows, row, 0); }

std::string OrderColumns() {
  return Concat(ColumnsOf("n."),
                ", o.request_id, o.provider_account_id, o.wish, o.state, array_to_string(o.warnings, ','), o.error, ",
                "array_to_string(o.candidates, ','), o.attempts, ", Micros("o.created_at"), ", ",
                Micros("o.settled_at"));
}

NumberOrder OrderOfRow(const Result& rows, int row) {
  NumberOrder order;
  int column = kNumberColumns;
  if (!rows.IsNull(row, 0)) *order.mutable_number() = ReadNumber(rows, row, 0);
  order.set_request_id(rows.String(row, column++));
  order.set_provider_account_id(rows.String(row, column++));
  order.mutable_wish()->ParseFromString(rows.Bytes(row, column++));
  order.set_state(static_cast<tracking::v1::NumberOrderState>(rows.Integer(row, column++)));
  for (std::string& warning : ListOf(rows.Text(row, column++))) order.add_warnings(std::move(warning));
  order.set_error(rows.String(row, column++));
  for (std::string& candidate : ListOf(rows.Text(row, column++))) order.add_candidates(std::move(candidate));
  order.set_attempts(static_cast<int32_t>(rows.Integer(row, column++)));
  *order.mutable_created_at() = telephony::ToProto(*rows.Time(row, column++));
  if (const auto settled_at = rows.Time(row, column)) *order.mutable_settled_at() = telephony::ToProto(*settled_at);
  return order;
}

absl::StatusOr<NumberOrder> ReadOrder(Transaction& tx, std::string_view business_id, std::string_view request_id) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT ", OrderColumns(),
                        " FROM tracking_number_orders o LEFT JOIN tracking_numbers n ON n.provider_account_id = ",
                        "o.provider_account_id AND n.number = o.number WHERE o.business_id = $1 AND o.request_id = $2"),
                 {business_id, request_id}));
  if (rows.empty()) {
    return Error(absl::StatusCode::kNotFound, Reason::REASON_NUMBER_ORDER_NOT_FOUND,
                 Concat("no order of a number with request_id ", request_id),
                 {{"request_id", std::string(request_id)}});
  }
  return OrderOfRow(rows, 0);
}

absl::Status PutNumber(Transaction& tx, const tracking::Account& account, const tracking::TrackingNumber& number,
                       bool is_managed, absl::Time now) {
  const int state = StateOf(number.status);
  // A release that is under way stays so until the platform does not list the number any more.
  return tx
      .Execute(
          "INSERT INTO tracking_numbers AS n (provider_account_id, number, business_id, external_number_id, state, "
          "is_managed, toll_free, country, campaign_id, publisher_id, provisioned_at, first_seen_at, seen_at, "
          "released_at) VALUES ($1, $2, $3, $4, $5::smallint, $6, $7, $8, $9, $10, $11, $12, $12, "
          "CASE WHEN $5::smallint = 4 THEN $12::timestamptz END) ON CONFLICT (provider_account_id, number) DO UPDATE "
          "SET external_number_id = excluded.external_number_id, state = CASE WHEN n.state = 3 AND excluded.state <> 4 "
          "THEN 3 ELSE excluded.state END, is_managed = n.is_managed AND n.state <> 4 OR excluded.is_managed, "
          "toll_free "
          "= excluded.toll_free, country = excluded.country, campaign_id = excluded.campaign_id, publisher_id = "
          "excluded.publisher_id, provisioned_at = excluded.provisioned_at, first_seen_at = CASE WHEN n.state = 4 AND "
          "excluded.state <> 4 THEN excluded.first_seen_at ELSE n.first_seen_at END, seen_at = excluded.seen_at, "
          "release_asked_at = CASE WHEN n.state = 4 THEN NULL ELSE n.release_asked_at END, released_at = "
          "CASE WHEN excluded.state = 4 THEN coalesce(n.released_at, excluded.seen_at) END",
          {account.id, number.number, account.business_id, number.id, state, is_managed, number.toll_free,
           number.country, number.campaign_id, number.publisher_id, number.provisioned_at, now})
      .status();
}

absl::Status PutList(Transaction& tx, const tracking::Account& account,
                     const std::vector<tracking::TrackingNumber>& numbers, absl::Time now) {
  for (const tracking::TrackingNumber& number : numbers) {
    if (!number.number.empty()) TL_RETURN_IF_ERROR(PutNumber(tx, account, number, false, now));
  }
  return tx
      .Execute(
          "UPDATE tracking_numbers SET state = 4, released_at = coalesce(released_at, $2::timestamptz) WHERE "
          "provider_account_id = $1 AND state <> 4 AND seen_at < $2::timestamptz",
          {account.id, now})
      .status();
}

absl::StatusOr<std::vector<ListedNumber>> ReadList(Transaction& tx, std::string_view account_id, absl::Time listed_at) {
  TL_ASSIGN_OR_RETURN(const Result rows,
                      tx.Execute(Concat("SELECT ", NumberColumns(), ", ", Micros("first_seen_at"),
                                        " FROM tracking_numbers WHERE provider_account_id = $1 AND seen_at >= ",
                                        "$2::timestamptz AND state <> 4 ORDER BY number"),
                                 {account_id, listed_at}));
  std::vector<ListedNumber> listed;
  for (int i = 0; i < rows.size(); ++i) {
    const TrackedNumber row = NumberOfRow(rows, i);
    ListedNumber number = {.number = {.id = row.external_number_id(),
                                      .number = row.number(),
                                      .toll_free = row.toll_free(),
                                      .country = row.country(),
                                      .campaign_id = row.campaign_id(),
                                      .publisher_id = row.publisher_id()},
                           .first_seen_at = *rows.Time(i, kNumberColumns)};
    if (row.has_provisioned_at()) number.number.provisioned_at = telephony::FromProto(row.provisioned_at());
    listed.push_back(std::move(number));
  }
  return listed;
}

}  // namespace trunkline::tracking_sync
