// Sums over a range of time at Ringba.
#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/ringba/account_settings.h"
#include "libs/tracking/ringba/client.h"
#include "libs/tracking/summed_report.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::ringba {
namespace {

using nlohmann::json;

json InsightsBody(absl::Time from, absl::Time to) {
  json values = json::array();
  for (const char* column :
       {"callCount", "connectedCallCount", "convertedCalls", "conversionAmount", "payoutAmount", "totalCost"}) {
    values.push_back({{"column", column}, {"aggregateFunction", nullptr}});
  }
  return {{"reportStart", QueryTime(from)},
          {"reportEnd", QueryTime(to)},
          {"groupByColumns", json::array({{{"column", "campaignName"}, {"displayName", "Campaign"}}})},
          {"valueColumns", std::move(values)},
          {"maxResultsPerGroup", 1000},
          {"generateRollups", false}};
}

int64_t CountOf(const json& record, std::string_view name) {
  return ParseSeconds(MemberText(record, name)).value_or(0);
}

int64_t AmountOf(const json& record, std::string_view name) {
  return ParseAmount(MemberText(record, name)).value_or(0);
}

void AddRow(const json& record, CallReport* report) {
  report->calls += CountOf(record, "callCount");
  report->converted += CountOf(record, "convertedCalls");
  report->answered = report->answered.value_or(0) + CountOf(record, "connectedCallCount");
  report->revenue += AmountOf(record, "conversionAmount");
  report->payout = report->payout.value_or(0) + AmountOf(record, "payoutAmount");
  report->cost += AmountOf(record, "totalCost");
}

bool WasAnswered(const TrackedCall& call) { return call.answered_at.has_value(); }

}  // namespace

absl::StatusOr<std::optional<CallReport>> Client::ReportOfInsights(const Account& account, absl::Time from,
                                                                   absl::Time to, Receipt* receipt) {
  const absl::StatusOr<ApiAnswer> answer = Ask(account,
                                               {.method = "POST",
                                                .path = "/insights",
                                                .endpoint = "POST /insights",
                                                .resource = Resource::kReport,
                                                .body = InsightsBody(from, to)},
                                               receipt);
  if (!answer.ok()) {
    switch (CodeOf(answer.status())) {
      case v1::TRACKING_ERROR_CODE_FORBIDDEN:
      case v1::TRACKING_ERROR_CODE_NOT_FOUND:
      case v1::TRACKING_ERROR_CODE_VALIDATION_FAILED:
      case v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN:
        return std::optional<CallReport>();
      default:
        return answer.status();
    }
  }
  TL_ASSIGN_OR_RETURN(const json report, ReportIn(*answer));
  CallReport sums{.currency = CurrencyOf(account)};
  for (const json& record : report["records"]) AddRow(record, &sums);
  return std::optional(sums);
}

absl::StatusOr<Answer<CallReport>> Client::FetchReport(const Account& account, absl::Time from, absl::Time to) {
  Answer<CallReport> report;
  TL_ASSIGN_OR_RETURN(std::optional<CallReport> of_insights, ReportOfInsights(account, from, to, &report.receipt));
  if (of_insights.has_value()) {
    report.value = *std::move(of_insights);
    return report;
  }
  report.value = {.currency = CurrencyOf(account), .summed_calls = true};
  const auto list = [&](const std::optional<Position>& position) {
    return ListCalls(account, {.from = from, .to = to, .size = DefaultSync().sync.largest_batch}, position);
  };
  return SumCalls(session_, {.from = from, .to = to, .list = list, .was_answered = WasAnswered}, std::move(report));
}

}  // namespace trunkline::tracking::ringba
