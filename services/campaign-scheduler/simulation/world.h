// Governor and schedulers in one process on a virtual clock, with everything around them that can go wrong.
//
//   const SimulationResult result = Simulate(options, seed);
//   // result.complaints is empty, or names every rule that did not hold
//
// The same options and seed always give the same simulation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/campaign-scheduler/simulation/outcome_model.h"

namespace trunkline::scheduler {

struct SimulationOptions {
  int businesses = 2;
  int campaigns = 2;   // of each business
  int contacts = 100;  // of each campaign
  int replicas = 3;
  bool faults = true;
  OutcomeModel outcomes;
  absl::Duration longest = absl::Hours(24 * 20);  // of virtual time
};

struct SimulationResult {
  std::vector<std::string> complaints;
  int64_t dialed = 0;
  int64_t attempts = 0;    // committed
  int64_t most_slots = 0;  // live at a time
  absl::Duration took;     // virtual
  uint64_t events = 0;
  int crashes = 0;
  int freezes = 0;
};

SimulationResult Simulate(const SimulationOptions& options, uint64_t seed);

}  // namespace trunkline::scheduler
