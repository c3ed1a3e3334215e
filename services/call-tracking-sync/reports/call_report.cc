#include "services/call-tracking-sync/reports/call_report.h"

#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/field_checks.h"
#include "libs/base/json.h"
#include "libs/base/page_token.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using tracking::v1::ReportAmounts;
using tracking::v1::ReportCallsRequest;
using tracking::v1::ReportCallsResponse;
using tracking::v1::ReportRow;

constexpr absl::Duration kLongestRange = absl::Hours(400 * 24);
constexpr int kUsualPage = 100;
constexpr int kLargestPage = 1'000;
constexpr int kLongestFilter = 255;
// Each currency of a row in a text: its name, three sums, three counts.
constexpr size_t kAmountFields = 7;

using Set = void (*)(std::string text, ReportRow* row);

// How a dimension is read, and where it is told. `name`: a text beside it, of any of the calls.
struct Dimension {
  std::string_view column;
  Set set;
  std::string_view name = "''";
  Set set_name = nullptr;
};

// Parameter 3 is the time zone.
Dimension DimensionOf(int dimension) {
  switch (dimension) {
    case tracking::v1::REPORT_DIMENSION_PLATFORM:
      return {"platform", [](std::string text, ReportRow* row) { row->set_platform(std::move(text)); }};
    case tracking::v1::REPORT_DIMENSION_ACCOUNT:
      return {"provider_account_id::text",
              [](std::string text, ReportRow* row) { row->set_provider_account_id(std::move(text)); }};
    case tracking::v1::REPORT_DIMENSION_CAMPAIGN:
      return {"tracking_campaign_id",
              [](std::string text, ReportRow* row) { row->set_tracking_campaign_id(std::move(text)); },
              "tracking_campaign_name",
              [](std::string text, ReportRow* row) { row->set_tracking_campaign_name(std::move(text)); }};
    case tracking::v1::REPORT_DIMENSION_PUBLISHER:
      return {"publisher_id", [](std::string text, ReportRow* row) { row->set_publisher_id(std::move(text)); },
              "publisher_name", [](std::string text, ReportRow* row) { row->set_publisher_name(std::move(text)); }};
    case tracking::v1::REPORT_DIMENSION_BUYER:
      return {"buyer_id", [](std::string text, ReportRow* row) { row->set_buyer_id(std::move(text)); }, "buyer_name",
              [](std::string text, ReportRow* row) { row->set_buyer_name(std::move(text)); }};
    default:
      return {"to_char(started_at AT TIME ZONE $3::text, 'YYYY-MM-DD')",
              [](std::string text, ReportRow* row) { row->set_day(std::move(text)); }};
  }
}

struct Wish {
  std::vector<Dimension> dimensions;
  std::vector<Parameter> parameters;  // 1 to 3: the range and the time zone; then filters
  std::string where;
  int page_size = 0;
  std::string list;  // for page tokens
  std::string time_zone;
};

void AddFilter(std::string_view column, std::string_view field, const std::string& value, FieldChecks& checks,
               Wish* wish) {
  if (value.empty()) return;
  checks.RequireText(value, kLongestFilter, field);
  wish->parameters.emplace_back(std::string_view(value));
  wish->where += Concat(" AND ", column, " = $", wish->parameters.size());
}

void ReadDimensions(const ReportCallsRequest& request, FieldChecks& checks, Wish* wish) {
  std::set<int> seen;
  for (int i = 0; i < request.dimensions_size(); ++i) {
    const int dimension = request.dimensions(i);
    const std::string field = Concat("dimensions[", i, "]");
    const bool known =
        dimension != tracking::v1::REPORT_DIMENSION_UNSPECIFIED && tracking::v1::ReportDimension_IsValid(dimension);
    if (!checks.Require(known, field, "must be a dimension")) continue;
    if (checks.Require(seen.insert(dimension).second, field, "is there already")) {
      wish->dimensions.push_back(DimensionOf(dimension));
    }
  }
}

absl::StatusOr<Wish> ReadWish(const std::string& business_id, const ReportCallsRequest& request) {
  Wish wish;
  FieldChecks checks;
  const absl::Time after = telephony::FromProto(request.started_after());
  const absl::Time before = telephony::FromProto(request.started_before());
  checks.Require(request.has_started_after(), "started_after", "is required");
  checks.Require(request.has_started_before(), "started_before", "is required");
  if (request.has_started_after() && request.has_started_before()) {
    checks.Require(after < before, "started_after", "must be before started_before");
    checks.Require(before - after <= kLongestRange, "started_after", "must be at most 400 days before started_before");
  }
  wish.time_zone = request.time_zone().empty() ? "UTC" : request.time_zone();
  absl::TimeZone zone;
  checks.Require(absl::LoadTimeZone(wish.time_zone, &zone) && IsStorableText(wish.time_zone), "time_zone",
                 "must be a name of the time zone database, such as America/New_York");
  wish.page_size = PageSize(request.page_size(), checks, kUsualPage, kLargestPage);
  ReadDimensions(request, checks, &wish);
  wish.parameters = {after, before, std::string_view(wish.time_zone)};
  wish.where = "started_at >= $1 AND started_at < $2 AND $3::text IS NOT NULL";
  AddFilter("platform", "platform", request.platform(), checks, &wish);
  if (!request.provider_account_id().empty()) checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  AddFilter("provider_account_id::text", "provider_account_id", request.provider_account_id(), checks, &wish);
  AddFilter("tracking_campaign_id", "tracking_campaign_id", request.tracking_campaign_id(), checks, &wish);
  AddFilter("publisher_id", "publisher_id", request.publisher_id(), checks, &wish);
  AddFilter("buyer_id", "buyer_id", request.buyer_id(), checks, &wish);
  TL_RETURN_IF_ERROR(checks.Finish());
  ReportCallsRequest filters = request;
  filters.clear_page_size();
  filters.clear_page_token();
  wish.list = Concat("tracking report ", business_id, " ", filters.SerializeAsString());
  return wish;
}

// The dimensions of the last row of the page before.
absl::StatusOr<std::vector<std::string>> ReadPosition(const Wish& wish, const std::string& token) {
  TL_ASSIGN_OR_RETURN(const std::string text, ReadTextPageToken(wish.list, token));
  const nlohmann::json values = ParseJson(text);
  std::vector<std::string> position;
  for (const nlohmann::json& value : values) {
    if (value.is_string()) position.push_back(value.get<std::string>());
  }
  if (position.size() != wish.dimensions.size()) {
    return Error(absl::StatusCode::kInvalidArgument, Reason::REASON_INVALID_PAGE_TOKEN,
                 "page_token is none that was given for this report; begin again without one");
  }
  return position;
}

std::string ListOf(size_t count, std::string_view before, std::string_view after) {
  std::string list;
  for (size_t i = 0; i < count; ++i) list += Concat(i == 0 ? "" : ", ", before, i, after);
  return list;
}

// One row for each combination of the dimensions: d0 ..., n0 ..., calls, answered, converted, milliseconds, amounts.
std::string Query(const Wish& wish, size_t first_position) {
  std::string chosen;
  std::string names;
  for (size_t i = 0; i < wish.dimensions.size(); ++i) {
    chosen += Concat("coalesce(", wish.dimensions[i].column, ", '') COLLATE \"C\" AS d", i, ", ");
    names += Concat("max(", wish.dimensions[i].name, ") AS n", i, ", ");
  }
  const size_t count = wish.dimensions.size();
  const std::string keys = ListOf(count, "d", "");
  std::string query = Concat(
      "WITH told AS (SELECT ", chosen, "* FROM tracking_calls WHERE ", wish.where, "), ",  // one row a call
      "sums AS (SELECT ", keys, count == 0 ? "" : ", ", names,
      "coalesce(currency, '') AS currency, count(*) AS calls, count(answered_at) AS answered, "
      "count(*) FILTER (WHERE converted) AS converted, coalesce(sum(talk_seconds), 0) AS talk, "
      "(coalesce(sum(revenue), 0) * 1000000)::bigint AS revenue, (coalesce(sum(payout), 0) * 1000000)::bigint AS "
      "payout, "
      "(coalesce(sum(cost), 0) * 1000000)::bigint AS cost, count(revenue) AS revenues, count(payout) AS payouts, "
      "count(cost) AS costs FROM told GROUP BY ",
      keys, count == 0 ? "" : ", ", "currency) SELECT ", keys, count == 0 ? "" : ", ", ListOf(count, "max(n", ")"),
      count == 0 ? "" : ", ",
      "sum(calls)::bigint, sum(answered)::bigint, sum(converted)::bigint, sum(talk)::bigint, "
      "coalesce(string_agg(concat_ws(' ', currency, revenue, payout, cost, revenues, payouts, costs), ',' "
      "ORDER BY currency) FILTER (WHERE currency <> ''), '') FROM sums");
  if (count == 0) return query;
  if (first_position > 0) {
    std::string parameters;
    for (size_t i = 0; i < count; ++i) parameters += Concat(i == 0 ? "$" : ", $", first_position + i);
    query += Concat(" WHERE (", keys, ") > (", parameters, ")");
  }
  return query + Concat(" GROUP BY ", keys, " ORDER BY ", keys, " LIMIT ", wish.page_size + 1);
}

void SetMoney(const std::string& currency, int64_t micros, calls::v1::Money* money) {
  money->set_currency(currency);
  money->set_micros(micros);
}

void AddAmounts(std::string_view told, ReportRow* row) {
  if (told.empty()) return;
  for (const std::string_view text : Split(told, ',')) {
    const std::vector<std::string_view> fields = Split(text, ' ');
    if (fields.size() != kAmountFields) continue;
    const auto number = [&](size_t i) { return ParseInt(fields[i]).value_or(0); };
    ReportAmounts* amounts = row->add_amounts();
    const std::string currency(fields[0]);
    amounts->set_currency(currency);
    SetMoney(currency, number(1), amounts->mutable_revenue());
    SetMoney(currency, number(2), amounts->mutable_payout());
    SetMoney(currency, number(3), amounts->mutable_cost());
    SetMoney(currency, number(1) - number(2) - number(3), amounts->mutable_profit());
    amounts->set_revenue_calls(number(4));
    amounts->set_payout_calls(number(5));
    amounts->set_cost_calls(number(6));
  }
}

ReportRow ReadRow(const Result& rows, int i, const std::vector<Dimension>& dimensions) {
  ReportRow row;
  const int count = static_cast<int>(dimensions.size());
  for (int d = 0; d < count; ++d) {
    const Dimension& dimension = dimensions[static_cast<size_t>(d)];
    dimension.set(rows.String(i, d), &row);
    if (dimension.set_name != nullptr) dimension.set_name(rows.String(i, count + d), &row);
  }
  const int sums = 2 * count;
  row.set_calls(rows.Integer(i, sums));
  row.set_answered(rows.Integer(i, sums + 1));
  row.set_converted(rows.Integer(i, sums + 2));
  row.mutable_talk_time()->set_seconds(rows.Integer(i, sums + 3));
  AddAmounts(rows.Text(i, sums + 4), &row);
  return row;
}

std::string PositionOf(const Result& rows, int i, size_t dimensions) {
  nlohmann::json position = nlohmann::json::array();
  for (size_t d = 0; d < dimensions; ++d) position.push_back(rows.String(i, static_cast<int>(d)));
  return WriteJson(position);
}

}  // namespace

absl::StatusOr<ReportCallsResponse> CallReport::Sum(const std::string& business_id,
                                                    const ReportCallsRequest& request) const {
  TL_ASSIGN_OR_RETURN(const Wish wish, ReadWish(business_id, request));
  std::vector<Parameter> parameters = wish.parameters;
  std::vector<std::string> position;
  size_t first_position = 0;
  if (!request.page_token().empty()) {
    TL_ASSIGN_OR_RETURN(position, ReadPosition(wish, request.page_token()));
    first_position = parameters.size() + 1;
    for (const std::string& value : position) parameters.emplace_back(std::string_view(value));
  }
  const std::string query = Query(wish, first_position);
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<ReportCallsResponse> {
    TL_ASSIGN_OR_RETURN(const Result rows, tx.Execute(query, parameters));
    ReportCallsResponse response;
    for (int i = 0; i < rows.size(); ++i) {
      if (i == wish.page_size) {
        response.set_next_page_token(MakeTextPageToken(wish.list, PositionOf(rows, i - 1, wish.dimensions.size())));
        break;
      }
      // Without a dimension there is a row even where there was no call.
      if (rows.IsNull(i, 2 * static_cast<int>(wish.dimensions.size()))) break;
      *response.add_rows() = ReadRow(rows, i, wish.dimensions);
    }
    return response;
  });
}

}  // namespace trunkline::tracking_sync
