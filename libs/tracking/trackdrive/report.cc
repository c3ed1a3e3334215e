// Sums over a range of time at TrackDrive.
#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/amount.h"
#include "libs/tracking/summed_report.h"
#include "libs/tracking/trackdrive/account_settings.h"
#include "libs/tracking/trackdrive/client.h"
#include "libs/tracking/trackdrive/statistics.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::trackdrive {
namespace {

constexpr int64_t kAmountPerUnit = 10'000;

int64_t SumOf(const std::map<std::string, std::string>& groups) {
  int64_t sum = 0;
  for (const auto& [group, value] : groups) sum += ParseAmount(value).value_or(0);
  return sum;
}

bool WasAnswered(const TrackedCall& call) { return call.talk_seconds.value.value_or(0) > 0; }

}  // namespace

absl::StatusOr<std::optional<CallReport>> Client::ReportOfStatistics(const Account& account, absl::Time from,
                                                                     absl::Time to, Receipt* receipt) {
  CallReport report;
  report.currency = CurrencyOf(account);
  struct Wanted {
    std::string_view statistic;
    std::string_view group;
  };
  for (const Wanted& wanted : {Wanted{"count", "created_at_day"}, Wanted{"count", "buyer_converted"},
                               Wanted{"revenue", "created_at_day"}, Wanted{"cost", "created_at_day"}}) {
    const absl::StatusOr<ApiAnswer> answer = Get(account, "/calls/stats", "GET /calls/stats", Resource::kReport,
                                                 {{"group_by", std::string(wanted.group)},
                                                  {"stat", std::string(wanted.statistic)},
                                                  {"created_at_from", QueryTime(from)},
                                                  {"created_at_to", QueryTime(to)},
                                                  {"time_zone", "UTC"}},
                                                 receipt);
    if (!answer.ok()) {
      const v1::TrackingErrorCode code = CodeOf(answer.status());
      const bool not_offered =
          code == v1::TRACKING_ERROR_CODE_NOT_FOUND || code == v1::TRACKING_ERROR_CODE_VALIDATION_FAILED;
      if (not_offered) return std::optional<CallReport>();
      return answer.status();
    }
    const auto groups = ReadStatistics(answer->body, wanted.statistic);
    if (!groups.has_value()) return std::optional<CallReport>();
    if (wanted.group == "buyer_converted") {
      for (const auto& [label, value] : *groups) {
        if (ParseFlag(label).value_or(false)) report.converted += ParseAmount(value).value_or(0) / kAmountPerUnit;
      }
    } else if (wanted.statistic == "count") {
      report.calls = SumOf(*groups) / kAmountPerUnit;
    } else {
      (wanted.statistic == "revenue" ? report.revenue : report.cost) = SumOf(*groups);
    }
  }
  return std::optional(report);
}

absl::StatusOr<Answer<CallReport>> Client::FetchReport(const Account& account, absl::Time from, absl::Time to) {
  Answer<CallReport> report;
  TL_ASSIGN_OR_RETURN(std::optional<CallReport> of_statistics, ReportOfStatistics(account, from, to, &report.receipt));
  if (of_statistics.has_value()) {
    report.value = *std::move(of_statistics);
    return report;
  }
  report.value = {.currency = CurrencyOf(account), .summed_calls = true};
  const auto list = [&](const std::optional<Position>& position) {
    return ListCalls(account, {.from = from, .to = to, .size = DefaultSync().sync.largest_batch}, position);
  };
  return SumCalls(session_, {.from = from, .to = to, .list = list, .was_answered = WasAnswered}, std::move(report));
}

}  // namespace trunkline::tracking::trackdrive
