// What a campaign would come to: the real decisions and the real engine, on a virtual clock, against a model of whom it
// calls. Nothing is dialled and nothing is asked.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/simulation/outcome_model.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {

struct DryRun {
  campaigns::v1::CampaignSettings settings;
  std::vector<campaigns::v1::Contact> contacts;  // number, time_zone, priority, attempts, and due_at while it waits
  absl::Time begin;
  int concurrent_calls = 10;  // of the business
  absl::Duration usual_spacing = absl::Seconds(6);
  std::vector<std::string> blocked_prefixes;
  OutcomeModel outcomes;
  int runs = 20;  // each by another chance
  uint64_t seed = 1;
  absl::Duration longest = absl::Hours(24 * 60);
};

// Of several runs: the middle one, and where four out of five lie.
template <typename T>
struct Range {
  T low{};
  T middle{};
  T high{};
};

struct DryRunForecast {
  int finished_runs = 0;                    // of the runs, those in which every contact was finished within `longest`
  std::optional<Range<absl::Time>> finish;  // of these; unset without any
  Range<int64_t> attempts;
  Range<int64_t> reached;
  Range<int64_t> exhausted;
  Range<int64_t> suppressed;
  Range<int64_t> abandoned;  // people who would find nobody there
  Range<int64_t> cost_micros;
  Range<absl::Duration> talk;
  Range<int64_t> most_calls;  // at a time
};

// Takes about 0.1 ms for each attempt of each run.
DryRunForecast Forecast(const DryRun& wanted);

}  // namespace trunkline::scheduler
