#include "services/gateway/calls/call_list_query.h"

#include <string_view>
#include <utility>

#include "libs/base/text.h"
#include "libs/postgres/connection.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/phone_number.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using control::v1::ListCallsRequest;
using postgres::Parameter;

// The normalizer is behind by less than this, or the call is found by GetCall only.
constexpr absl::Duration kRecent = absl::Minutes(10);
constexpr size_t kLongestFilter = 256;

// A party as it is stored: numbers in E.164, everything else as it stands.
std::string PartyOf(const std::string& text) { return telephony::ToE164(text).value_or(text); }

// Conditions of one of the tables, with the parameters of all of them.
class Conditions {
 public:
  explicit Conditions(std::vector<Parameter>* parameters) : parameters_(parameters) {}

  // `condition` holds '?' for each parameter.
  void Add(std::string_view condition, std::vector<Parameter> values) {
    sql_ += sql_.empty() ? " WHERE " : " AND ";
    size_t next = 0;
    for (const char c : condition) {
      if (c == '?') {
        parameters_->push_back(std::move(values[next++]));
        sql_ += Concat("$", parameters_->size());
      } else {
        sql_.push_back(c);
      }
    }
  }
  const std::string& sql() const { return sql_; }

 private:
  std::vector<Parameter>* parameters_;
  std::string sql_;
};

// What the filters are called in a table.
struct Names {
  std::string_view time;
  std::string_view status;
  std::string_view direction;
  std::string_view from;
  std::string_view to;
};

void AddFilters(const ListCallsRequest& request, const std::optional<PagePosition>& after, const Names& names,
                Conditions& conditions) {
  if (request.statuses_size() > 0) {
    std::vector<std::string> statuses;
    for (const int status : request.statuses()) {
      statuses.push_back(telephony::NameOf(static_cast<calls::v1::CallStatus>(status)));
    }
    conditions.Add(Concat(names.status, " = ANY (?::text[])"), {Parameter::Array(statuses)});
  }
  if (request.direction() != calls::v1::CALL_DIRECTION_UNSPECIFIED) {
    conditions.Add(Concat(names.direction, " = ?::text"), {telephony::NameOf(request.direction())});
  }
  if (!request.from().empty()) conditions.Add(Concat(names.from, " = ?::text"), {PartyOf(request.from())});
  if (!request.to().empty()) conditions.Add(Concat(names.to, " = ?::text"), {PartyOf(request.to())});
  if (!request.provider_account_id().empty()) {
    conditions.Add("provider_account_id = ?::uuid", {request.provider_account_id()});
  }
  if (!request.campaign_id().empty()) conditions.Add("campaign_id = ?::text", {request.campaign_id()});
  if (request.has_started_after()) {
    conditions.Add(Concat(names.time, " >= ?::timestamptz"), {telephony::FromProto(request.started_after())});
  }
  if (request.has_started_before()) {
    conditions.Add(Concat(names.time, " < ?::timestamptz"), {telephony::FromProto(request.started_before())});
  }
  if (after.has_value()) {
    conditions.Add(Concat("(", names.time, ", call_id) < (?::timestamptz, ?::uuid)"), {after->time, after->id});
  }
}

}  // namespace

std::string CallColumns() { return Concat("c.state, ", DialColumns("d")); }

void CheckCallFilters(const ListCallsRequest& request, FieldChecks& checks) {
  for (int i = 0; i < request.statuses_size(); ++i) {
    checks.Require(calls::v1::CallStatus_IsValid(request.statuses(i)) && request.statuses(i) != 0,
                   Concat("statuses[", i, "]"), "must be a status");
  }
  checks.Require(request.statuses_size() <= calls::v1::CallStatus_ARRAYSIZE, "statuses", "must name each status once");
  checks.Require(calls::v1::CallDirection_IsValid(request.direction()), "direction", "must be a direction");
  if (!request.provider_account_id().empty()) checks.RequireUuid(request.provider_account_id(), "provider_account_id");
  checks.RequireText(request.from(), kLongestFilter, "from");
  checks.RequireText(request.to(), kLongestFilter, "to");
  checks.RequireText(request.campaign_id(), kLongestFilter, "campaign_id");
}

CallListQuery MakeCallListQuery(const ListCallsRequest& request, const std::optional<PagePosition>& after, int most,
                                absl::Time now) {
  CallListQuery query;
  const Names call_names = {
      .time = "started_at", .status = "status", .direction = "direction", .from = "from_number", .to = "to_number"};
  const Names dial_names = {
      .time = "committed_at",
      .status = "CASE WHEN i.state IN ('rejected', 'not_placed') THEN 'failed' ELSE 'initiated' END",
      .direction = "'outbound'",
      .from = "from_number",
      .to = "to_number"};
  Conditions calls(&query.parameters);
  AddFilters(request, after, call_names, calls);
  Conditions dials(&query.parameters);
  AddFilters(request, after, dial_names, dials);
  dials.Add("committed_at > ?::timestamptz", {now - kRecent});
  dials.Add("NOT EXISTS (SELECT FROM call_queue q WHERE q.call_id = i.call_id)", {});
  dials.Add("NOT EXISTS (SELECT FROM call_history h WHERE h.call_id = i.call_id)", {});

  const std::string limit = Concat(" ORDER BY 2 DESC, 1 DESC LIMIT ", most);
  const auto calls_of = [&](std::string_view table) {
    return Concat("(SELECT call_id, started_at AS at, state FROM ", table, calls.sql(), limit, ")");
  };
  query.sql = Concat("SELECT ", CallColumns(), ", c.call_id, ", postgres::Micros("c.at"), " FROM (SELECT * FROM (",
                     calls_of("call_queue"), " UNION ALL ", calls_of("call_history"),
                     " UNION ALL (SELECT call_id, committed_at AS at, NULL::bytea FROM dial_intents i", dials.sql(),
                     limit, ")) every", limit, ") c LEFT JOIN dial_intents d ON d.call_id = c.call_id ",
                     "ORDER BY c.at DESC, c.call_id DESC");
  return query;
}

}  // namespace trunkline::gateway
