#include "services/campaign-scheduler/campaigns/campaign_statistics.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/campaigns/time_filter.h"
#include "services/campaign-scheduler/records/campaign_record.h"
#include "services/campaign-scheduler/rules/disposition.h"
#include "services/campaign-scheduler/rules/people_reached.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::AnalyzeFailedCallsResponse;
using campaigns::v1::Attempt;
using campaigns::v1::CampaignStatistics;
using campaigns::v1::Disposition;
using campaigns::v1::FailedCause;
using campaigns::v1::GetCampaignStatisticsRequest;
using campaigns::v1::GetCampaignStatisticsResponse;
using postgres::Micros;
using postgres::Result;
using postgres::Transaction;

constexpr int64_t kEnoughAttempts = 20;
constexpr size_t kMostHours = 3;
// Different endings of a campaign that are looked at, the most frequent first.
constexpr int kMostEndings = 2'000;

void Count(Disposition disposition, int64_t attempts, int64_t talk_milliseconds, CampaignStatistics* statistics) {
  statistics->set_attempts(statistics->attempts() + attempts);
  *statistics->mutable_talk_time() =
      telephony::ToProto(telephony::FromProto(statistics->talk_time()) + absl::Milliseconds(talk_milliseconds));
  for (auto& count : *statistics->mutable_dispositions()) {
    if (count.disposition() != disposition) continue;
    count.set_attempts(count.attempts() + attempts);
    return;
  }
  auto* count = statistics->add_dispositions();
  count->set_disposition(disposition);
  count->set_attempts(attempts);
}

absl::StatusOr<std::vector<int>> ReadBestHours(Transaction& tx, std::string_view campaign_id) {
  TL_ASSIGN_OR_RETURN(
      const Result rows,
      tx.Execute("SELECT local_hour, disposition, sum(attempts) FROM campaign_hours WHERE campaign_id = "
                 "$1 AND local_hour >= 0 GROUP BY 1, 2",
                 {campaign_id}));
  std::map<int, LocalHour> hours;
  for (int i = 0; i < rows.size(); ++i) {
    const auto disposition = static_cast<Disposition>(rows.Integer(i, 1));
    if (IsUndialed(disposition)) continue;
    LocalHour& hour = hours[static_cast<int>(rows.Integer(i, 0))];
    hour.dialed += rows.Integer(i, 2);
    if (disposition == campaigns::v1::DISPOSITION_CONNECTED) hour.reached += rows.Integer(i, 2);
  }
  return BestHours(hours);
}

}  // namespace

std::vector<int> BestHours(const std::map<int, LocalHour>& hours) {
  std::vector<std::pair<int, LocalHour>> told;
  for (const auto& [hour, counts] : hours) {
    if (counts.dialed >= kEnoughAttempts && counts.reached > 0) told.emplace_back(hour, counts);
  }
  // a/b > c/d without a division.
  std::stable_sort(told.begin(), told.end(), [](const auto& a, const auto& b) {
    return a.second.reached * b.second.dialed > b.second.reached * a.second.dialed;
  });
  std::vector<int> best;
  for (const auto& [hour, counts] : told) {
    if (best.size() < kMostHours) best.push_back(hour);
  }
  return best;
}

Advice AdviceFor(Disposition disposition, bool retryable) {
  using namespace campaigns::v1;  // NOLINT(google-build-using-namespace): the names of two enums
  switch (disposition) {
    case DISPOSITION_BUSY:
      return {RETRY_ADVICE_RETRY, "busy lines are free again soon"};
    case DISPOSITION_NO_ANSWER:
      return {RETRY_ADVICE_RETRY, "people are there at other hours"};
    case DISPOSITION_MACHINE:
      return {RETRY_ADVICE_RETRY, "a machine picked up; a person may at another hour"};
    case DISPOSITION_UNREACHABLE:
      return {RETRY_ADVICE_RETRY, "the phone was off or without network"};
    case DISPOSITION_CANCELED:
      return {RETRY_ADVICE_RETRY, "the call was taken back before it was answered"};
    case DISPOSITION_NOT_DIALED:
      return {RETRY_ADVICE_RETRY, "a limit or a rule stood in the way; nobody was called"};
    case DISPOSITION_REJECTED:
      return {RETRY_ADVICE_DO_NOT_RETRY, "the called side or its network refused"};
    case DISPOSITION_INVALID_NUMBER:
      return {RETRY_ADVICE_DO_NOT_RETRY, "there is no such number"};
    case DISPOSITION_ABANDONED:
      return {RETRY_ADVICE_MEND_FIRST,
              "people were reached and nobody was there for them: call more slowly, or have more "
              "agents"};
    case DISPOSITION_WARM_UP_FAILED:
      return {RETRY_ADVICE_MEND_FIRST, "the bot could not be made ready: look at the URL of its warm-up"};
    case DISPOSITION_FAILED:
      return retryable ? Advice{RETRY_ADVICE_RETRY, "the provider failed, and says that the same may succeed later"}
                       : Advice{RETRY_ADVICE_MEND_FIRST,
                                "the provider refused: look at the provider account and the "
                                "campaign's caller number"};
    default:
      return {RETRY_ADVICE_UNSPECIFIED, ""};
  }
}

void AddRates(CampaignStatistics* statistics) {
  int64_t dialed = 0;
  int64_t answered = 0;
  ReachedCount people;
  for (const auto& count : statistics->dispositions()) {
    if (!IsUndialed(count.disposition())) dialed += count.attempts();
    const bool abandoned = count.disposition() == campaigns::v1::DISPOSITION_ABANDONED;
    const bool person = abandoned || count.disposition() == campaigns::v1::DISPOSITION_CONNECTED;
    if (person) people.reached += count.attempts();
    if (abandoned) people.abandoned += count.attempts();
    if (person || count.disposition() == campaigns::v1::DISPOSITION_MACHINE) answered += count.attempts();
  }
  statistics->set_answer_rate(dialed == 0 ? 0 : static_cast<int32_t>(answered * kWholeRate / dialed));
  statistics->set_abandon_rate(static_cast<int32_t>(AbandonRate(people)));
}

absl::StatusOr<GetCampaignStatisticsResponse> StatisticsReader::Get(std::string_view business_id,
                                                                    const GetCampaignStatisticsRequest& request) {
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<GetCampaignStatisticsResponse> {
    TL_RETURN_IF_ERROR(ReadCampaign(tx, request.campaign_id()).status());
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat("SELECT ", Micros("hour"), ", disposition, sum(attempts), sum(talk_milliseconds)::bigint FROM ",
                   "campaign_hours WHERE campaign_id = $1 AND ($2::timestamptz IS NULL OR hour >= ",
                   "date_trunc('hour', $2, 'UTC')) AND ($3::timestamptz IS NULL OR hour < $3) ",
                   "GROUP BY hour, disposition ORDER BY hour, disposition"),
            {request.campaign_id(), TimeOrNull(request.has_from(), request.from()),
             TimeOrNull(request.has_to(), request.to())}));
    GetCampaignStatisticsResponse response;
    for (int i = 0; i < rows.size(); ++i) {
      const google::protobuf::Timestamp hour = telephony::ToProto(*rows.Time(i, 0));
      const bool same =
          response.hours_size() > 0 && response.hours(response.hours_size() - 1).hour().seconds() == hour.seconds();
      CampaignStatistics* statistics = same ? response.mutable_hours(response.hours_size() - 1) : response.add_hours();
      *statistics->mutable_hour() = hour;
      const auto disposition = static_cast<Disposition>(rows.Integer(i, 1));
      Count(disposition, rows.Integer(i, 2), rows.Integer(i, 3), statistics);
      Count(disposition, rows.Integer(i, 2), rows.Integer(i, 3), response.mutable_total());
    }
    for (CampaignStatistics& hour : *response.mutable_hours()) AddRates(&hour);
    AddRates(response.mutable_total());
    return response;
  });
}

absl::StatusOr<AnalyzeFailedCallsResponse> StatisticsReader::AnalyzeFailedCalls(std::string_view business_id,
                                                                                std::string_view campaign_id) {
  return pool_.InBusiness(business_id, [&](Transaction& tx) -> absl::StatusOr<AnalyzeFailedCallsResponse> {
    TL_RETURN_IF_ERROR(ReadCampaign(tx, campaign_id).status());
    TL_ASSIGN_OR_RETURN(
        const Result rows,
        tx.Execute(
            Concat("SELECT a.disposition, a.outcome, count(*), count(DISTINCT a.position) FILTER (WHERE c.state IN ",
                   "(1, 2, 3, 5)) FROM attempts a JOIN contacts c USING (campaign_id, position) WHERE ",
                   "a.campaign_id = $1 AND a.disposition NOT IN (0, 1) GROUP BY 1, 2 ORDER BY 3 DESC LIMIT ",
                   kMostEndings),
            {campaign_id}));
    TL_ASSIGN_OR_RETURN(const std::vector<int> best_hours, ReadBestHours(tx, campaign_id));
    std::map<std::pair<int, std::string>, FailedCause> causes;
    for (int i = 0; i < rows.size(); ++i) {
      Attempt outcome;
      if (!outcome.ParseFromString(rows.Bytes(i, 1))) return absl::DataLossError("an attempt's outcome cannot be read");
      const auto disposition = static_cast<Disposition>(rows.Integer(i, 0));
      FailedCause& cause = causes[{disposition, outcome.error().provider_code()}];
      const bool is_new = cause.attempts() == 0;
      cause.set_attempts(cause.attempts() + rows.Integer(i, 2));
      cause.set_contacts(cause.contacts() + rows.Integer(i, 3));
      if (!is_new) continue;
      const Advice advice = AdviceFor(disposition, outcome.error().retryable());
      cause.set_disposition(disposition);
      cause.set_provider_code(outcome.error().provider_code());
      cause.set_advice(advice.advice);
      cause.set_reason(std::string(advice.reason));
      if (advice.advice == campaigns::v1::RETRY_ADVICE_RETRY) {
        cause.mutable_best_hours()->Add(best_hours.begin(), best_hours.end());
      }
    }
    AnalyzeFailedCallsResponse response;
    for (auto& [key, cause] : causes) *response.add_causes() = std::move(cause);
    std::stable_sort(response.mutable_causes()->begin(), response.mutable_causes()->end(),
                     [](const FailedCause& a, const FailedCause& b) { return a.attempts() > b.attempts(); });
    return response;
  });
}

}  // namespace trunkline::scheduler
