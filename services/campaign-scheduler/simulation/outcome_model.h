// What becomes of calls that are dialled, by chance: how many are answered and by whom, how long they last, what they
// cost.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/campaign-scheduler/simulation/chance.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::scheduler {

// Parts of all calls; what is left is answered by people.
struct OutcomeModel {
  double busy = 0.08;
  double no_answer = 0.30;
  double rejected = 0.02;
  double invalid_number = 0.01;
  double failed = 0.02;
  double machine = 0.15;
  double abandoned = 0.01;  // of those who were reached by a person
  absl::Duration ring = absl::Seconds(12);
  absl::Duration ring_timeout = absl::Seconds(30);
  absl::Duration talk = absl::Seconds(45);
  absl::Duration machine_talk = absl::Seconds(20);
  int64_t micros_per_minute = 8'500;  // of the currency
  std::string currency = "USD";
};

struct PlayedCall {
  calls::v1::CallRecord record;  // as it ends, without ids and times
  absl::Duration length;         // from the dial to the end
  absl::Duration talk;
  int64_t cost_micros = 0;
};

PlayedCall Play(const OutcomeModel& model, Chance& chance);

}  // namespace trunkline::scheduler
