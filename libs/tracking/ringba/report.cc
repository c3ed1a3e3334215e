// Sums over a range of time at Ringba.
#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/ringba/account_settings.h"
#include "libs/tracking/ringba/client.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::ringba {
namespace {

using nlohmann::json;

constexpr int kMostPages = 10'000;

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

void AddCallTo(const TrackedCall& call, CallReport* report) {
  ++report->calls;
  report->converted += call.converted.value.value_or(false) ? 1 : 0;
  report->answered = report->answered.value_or(0) + (call.answered_at.has_value() ? 1 : 0);
  report->revenue += call.revenue.value.value_or(0);
  report->payout = report->payout.value_or(0) + call.payout.value.value_or(0);
  report->cost += call.cost.value.value_or(0);
}

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
  std::optional<Position> position;
  for (int i = 0; i < kMostPages; ++i) {
    TL_ASSIGN_OR_RETURN(
        const CallPage page,
        ListCalls(account, {.from = from, .to = to, .size = DefaultSync().sync.largest_batch}, position));
    for (const PlatformCall& item : page.items) {
      // The list reaches a second further on either side.
      const std::optional<absl::Time> started = item.call.started_at.value;
      if (started.has_value() && *started >= from && *started < to) AddCallTo(item.call, &report.value);
    }
    const int requests = report.receipt.requests + page.receipt.requests;
    report.receipt = page.receipt;
    report.receipt.requests = requests;
    if (!page.next.has_value()) return report;
    position = page.next;
  }
  return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_LOOP, "the list of calls does not end");
}

}  // namespace trunkline::tracking::ringba
