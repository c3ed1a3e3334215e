#include "services/gateway/calls/provider_comparison.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/field_checks.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

using postgres::Parameter;
using postgres::Result;
using postgres::Transaction;
using providers::v1::CallFigures;
using providers::v1::CompareProvidersRequest;
using providers::v1::CompareProvidersResponse;
using providers::v1::Latency;
using providers::v1::ProviderComparison;

constexpr absl::Duration kUsualRange = absl::Hours(24);
constexpr absl::Duration kLongestRange = absl::Hours(92 * 24);
constexpr int kMeasuredCalls = 1'000;  // of each account
constexpr int64_t kMinute = 60'000;    // milliseconds

struct Range {
  absl::Time since;
  absl::Time before;
};

absl::StatusOr<Range> RangeOf(const CompareProvidersRequest& request, absl::Time now) {
  Range range;
  range.before = request.has_started_before() ? telephony::FromProto(request.started_before()) : now;
  range.since =
      request.has_started_after() ? telephony::FromProto(request.started_after()) : range.before - kUsualRange;
  FieldChecks checks;
  checks.Require(range.since < range.before, "started_after", "must be before started_before");
  checks.Require(range.before - range.since <= kLongestRange, "started_after",
                 "must be at most 92 days before started_before");
  checks.Require(calls::v1::CallDirection_IsValid(request.direction()), "direction", "must be a direction");
  TL_RETURN_IF_ERROR(checks.Finish());
  return range;
}

// The calls to look at: parameters 1 to 4 of every statement.
constexpr std::string_view kWanted =
    "business_id = $1 AND started_at >= $2 AND started_at < $3 AND ($4::text IS NULL OR direction = $4) "
    "AND provider_account_id IS NOT NULL";

std::vector<Parameter> Wanted(std::string_view business_id, const Range& range,
                              const CompareProvidersRequest& request) {
  const bool any = request.direction() == calls::v1::CALL_DIRECTION_UNSPECIFIED;
  return {business_id, range.since, range.before,
          any ? Parameter(std::nullopt) : Parameter(telephony::NameOf(request.direction()))};
}

// By provider, and by account; an empty account stands for all of a provider's.
using Figures = std::map<std::string, std::map<std::string, CallFigures>>;

// What is added up over the rows of a provider or account, one for each currency.
struct Sums {
  int64_t calls = 0;
  int64_t failed = 0;
  int64_t answered = 0;
  int64_t talk_milliseconds = 0;
};

absl::Status AddOutcomes(Transaction& tx, const std::vector<Parameter>& wanted, Figures* figures) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("SELECT provider, coalesce(provider_account_id::text, ''), cost_currency, count(*), ",
                        "count(*) FILTER (WHERE status = 'failed'), count(answered_at), ",
                        "coalesce(sum(talk_milliseconds) FILTER (WHERE answered_at IS NOT NULL), 0)::bigint, ",
                        "coalesce(sum(cost_micros), 0)::bigint FROM call_history WHERE ", kWanted,
                        " GROUP BY GROUPING SETS ((provider, cost_currency), ",
                        "(provider, provider_account_id, cost_currency)) ORDER BY 1, 2, 3"),
                 wanted));
  std::map<std::pair<std::string, std::string>, Sums> all;
  for (int i = 0; i < rows.size(); ++i) {
    const std::string provider = rows.String(i, 0);
    const std::string account = rows.String(i, 1);
    CallFigures& of = (*figures)[provider][account];
    Sums& sums = all[{provider, account}];
    sums.calls += rows.Integer(i, 3);
    sums.failed += rows.Integer(i, 4);
    sums.answered += rows.Integer(i, 5);
    const int64_t talk = rows.Integer(i, 6);
    sums.talk_milliseconds += talk;
    if (rows.IsNull(i, 2)) continue;
    auto* cost = of.add_costs();
    cost->set_calls(rows.Integer(i, 3));
    cost->mutable_total()->set_currency(rows.String(i, 2));
    cost->mutable_total()->set_micros(rows.Integer(i, 7));
    if (talk == 0) continue;
    cost->mutable_per_minute()->set_currency(rows.String(i, 2));
    const double minutes = static_cast<double>(talk) / static_cast<double>(kMinute);
    cost->mutable_per_minute()->set_micros(static_cast<int64_t>(static_cast<double>(rows.Integer(i, 7)) / minutes));
  }
  for (const auto& [of, sums] : all) {
    CallFigures& told = (*figures)[of.first][of.second];
    const auto calls = static_cast<double>(sums.calls);
    told.set_calls(sums.calls);
    told.set_success_rate(static_cast<double>(sums.calls - sums.failed) / calls);
    told.set_answer_rate(static_cast<double>(sums.answered) / calls);
    if (sums.answered == 0) continue;
    *told.mutable_average_duration() = telephony::ToProto(absl::Milliseconds(sums.talk_milliseconds) / sums.answered);
  }
  return absl::OkStatus();
}

// `measured` is a table of (call_id, provider, account) and the time that something took for the call, `seconds`.
absl::Status AddLatency(Transaction& tx, std::string_view measured, std::vector<Parameter> wanted,
                        const std::vector<std::string>& accounts, Latency* (CallFigures::*field)(), Figures* figures) {
  wanted.push_back(Parameter::Array(accounts));
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute(Concat("WITH latest AS (SELECT c.* FROM unnest($5::uuid[]) AS a(account) CROSS JOIN LATERAL ",
                        "(SELECT call_id, provider, provider_account_id AS account FROM call_history WHERE ", kWanted,
                        " AND provider_account_id = a.account ORDER BY started_at DESC LIMIT ", kMeasuredCalls,
                        ") AS c), measured AS (", measured,
                        ") SELECT provider, coalesce(account::text, ''), count(*), ", "(avg(took) * 1000000)::bigint, ",
                        "(percentile_cont(0.5) WITHIN GROUP (ORDER BY took) * 1000000)::bigint, ",
                        "(percentile_cont(0.95) WITHIN GROUP (ORDER BY took) * 1000000)::bigint ",
                        "FROM measured GROUP BY GROUPING SETS ((provider), (provider, account))"),
                 wanted));
  for (int i = 0; i < rows.size(); ++i) {
    Latency* latency = ((*figures)[rows.String(i, 0)][rows.String(i, 1)].*field)();
    latency->set_count(rows.Integer(i, 2));
    *latency->mutable_average() = telephony::ToProto(absl::Microseconds(rows.Integer(i, 3)));
    *latency->mutable_median() = telephony::ToProto(absl::Microseconds(rows.Integer(i, 4)));
    *latency->mutable_percentile_95() = telephony::ToProto(absl::Microseconds(rows.Integer(i, 5)));
  }
  return absl::OkStatus();
}

// Clocks differ, and some providers tell whole seconds: what seems to have come before it happened took no time.
constexpr std::string_view kWebhookTimes =
    "SELECT l.provider, l.account, greatest(extract(epoch FROM e.received_at - e.occurred_at), 0)::double precision "
    "AS took FROM latest l JOIN call_events e USING (call_id) WHERE e.source = 'provider' AND e.received_at >= $2";
constexpr std::string_view kApiTimes =
    "SELECT l.provider, l.account, extract(epoch FROM r.took)::double precision AS took "
    "FROM latest l JOIN provider_requests r USING (call_id) WHERE r.asked_at >= $2 - interval '1 hour' "
    // Whose time is as much that of the one who listens.
    "AND r.operation <> 'fetch_recording'";

absl::StatusOr<Figures> Measure(Transaction& tx, const std::vector<Parameter>& wanted) {
  Figures figures;
  TL_RETURN_IF_ERROR(AddOutcomes(tx, wanted, &figures));
  std::vector<std::string> accounts;
  for (const auto& [provider, of_provider] : figures) {
    for (const auto& [account, told] : of_provider) {
      if (!account.empty()) accounts.push_back(account);
    }
  }
  TL_RETURN_IF_ERROR(AddLatency(tx, kWebhookTimes, wanted, accounts, &CallFigures::mutable_webhook_time, &figures));
  TL_RETURN_IF_ERROR(AddLatency(tx, kApiTimes, wanted, accounts, &CallFigures::mutable_api_latency, &figures));
  return figures;
}

}  // namespace

absl::StatusOr<CompareProvidersResponse> ProviderComparer::Compare(std::string_view business_id,
                                                                   const CompareProvidersRequest& request) {
  TL_ASSIGN_OR_RETURN(const Range range, RangeOf(request, clock_.Now()));
  const std::vector<Parameter> wanted = Wanted(business_id, range, request);
  TL_ASSIGN_OR_RETURN(Figures figures,
                      pool_.InBusiness(business_id, [&](Transaction& tx) { return Measure(tx, wanted); }));
  CompareProvidersResponse response;
  *response.mutable_started_after() = telephony::ToProto(range.since);
  *response.mutable_started_before() = telephony::ToProto(range.before);
  for (auto& [provider, of_provider] : figures) {
    ProviderComparison* comparison = response.add_providers();
    comparison->set_provider(provider);
    for (auto& [account, told] : of_provider) {
      if (account.empty()) {
        *comparison->mutable_figures() = std::move(told);
        continue;
      }
      auto* of_account = comparison->add_accounts();
      of_account->set_provider_account_id(account);
      *of_account->mutable_figures() = std::move(told);
    }
  }
  return response;
}

}  // namespace trunkline::gateway
