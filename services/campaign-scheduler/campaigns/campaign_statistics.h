// What came of a campaign's attempts: by hour, and by cause with what to do about it.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/postgres/pool.h"
#include "trunkline/campaigns/v1/campaign_service.pb.h"

namespace trunkline::scheduler {

// Attempts of one hour of the day, local to the contacts.
struct LocalHour {
  int64_t dialed = 0;
  int64_t reached = 0;  // connected
};
// The hours in which contacts were reached most, the best first; at most three, of those with enough attempts to tell.
std::vector<int> BestHours(const std::map<int, LocalHour>& hours);

// What to do about a cause, and why. `retryable`: the provider says that the same may succeed later.
struct Advice {
  campaigns::v1::RetryAdvice advice;
  std::string_view reason;
};
Advice AdviceFor(campaigns::v1::Disposition disposition, bool retryable);

// Answer and abandon rate of counted dispositions.
void AddRates(campaigns::v1::CampaignStatistics* statistics);

class StatisticsReader {
 public:
  // The pool outlives the object.
  explicit StatisticsReader(postgres::Pool& pool) : pool_(pool) {}

  absl::StatusOr<campaigns::v1::GetCampaignStatisticsResponse> Get(
      std::string_view business_id, const campaigns::v1::GetCampaignStatisticsRequest& request);
  absl::StatusOr<campaigns::v1::AnalyzeFailedCallsResponse> AnalyzeFailedCalls(std::string_view business_id,
                                                                               std::string_view campaign_id);

 private:
  postgres::Pool& pool_;
};

}  // namespace trunkline::scheduler
