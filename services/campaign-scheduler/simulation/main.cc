// campaign-simulation: many simulations, one seed after the other, until so many calls were dialled. Ends with 1 at the
// first rule that did not hold, and says with which seed.
#include <cstdio>

#include "libs/base/config.h"
#include "libs/base/text.h"
#include "services/campaign-scheduler/simulation/world.h"

namespace {

using trunkline::ConfigReader;

int Run(int64_t calls, int64_t seed, const trunkline::scheduler::SimulationOptions& options) {
  int64_t dialed = 0;
  for (; dialed < calls; ++seed) {
    const auto result = trunkline::scheduler::Simulate(options, static_cast<uint64_t>(seed));
    dialed += result.dialed;
    std::printf(
        "seed %ld: %ld calls of %ld attempts in %s, %d crashes, %d freezes, at most %ld slots, %lu events; %ld calls "
        "in all\n",
        seed, result.dialed, result.attempts, absl::FormatDuration(absl::Trunc(result.took, absl::Seconds(1))).c_str(),
        result.crashes, result.freezes, result.most_slots, result.events, dialed);
    for (const std::string& complaint : result.complaints) std::printf("  broken: %s\n", complaint.c_str());
    if (!result.complaints.empty()) return 1;
    std::fflush(stdout);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  ConfigReader reader("campaign-simulation",
                      "Governor and scheduler on a virtual clock, with everything that can go wrong.", argc, argv);
  const int64_t calls = reader.Int("calls", 10'000, 1, 1'000'000'000, "calls to dial before it ends");
  const int64_t seed =
      reader.Int("seed", 1, 0, 1'000'000'000'000, "of the first simulation; each later one has the next");
  trunkline::scheduler::SimulationOptions options;
  options.businesses = static_cast<int>(reader.Int("businesses", 3, 1, 20, "businesses"));
  options.campaigns = static_cast<int>(reader.Int("campaigns", 2, 1, 20, "campaigns of each business"));
  options.contacts = static_cast<int>(reader.Int("contacts", 300, 1, 100'000, "contacts of each campaign"));
  options.replicas = static_cast<int>(reader.Int("replicas", 3, 1, 20, "replicas of the scheduler"));
  options.faults = reader.Bool("faults", true, "let things go wrong");
  reader.Finish();
  return Run(calls, seed, options);
}
