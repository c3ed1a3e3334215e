// bench-slot-load: slots that are acquired and released in turns, one at a time or in batches, at a limiter.
//
// The limiter is the governor, or one of what it is compared with; see ../governor.py. A closed loop: each client asks
// again when it has its answer. The result is JSON on standard output.
#include <sys/resource.h>

#include <iostream>

#include "absl/strings/str_format.h"
#include "libs/base/config.h"
#include "libs/base/json.h"
#include "libs/base/log.h"
#include "tests/bench/load/blocking_slots.h"
#include "tests/bench/load/grpc_slots.h"

namespace trunkline::bench {

std::string BusinessOf(const SlotLoadSettings& settings, int client) {
  return absl::StrFormat("0190b0a0-0000-7000-8000-%012d", client % settings.businesses);
}

namespace {

SlotLoadSettings ReadSettings(int argc, const char* const* argv) {
  ConfigReader reader("bench-slot-load", "acquires and releases slots and measures the answers", argc, argv);
  SlotLoadSettings settings;
  settings.target = reader.Choice("target", "governor", {"governor", "echo", "redis", "postgres"}, "who is asked");
  settings.address = reader.Text("address", std::nullopt, "its host:port; a connection string of PostgreSQL");
  settings.service_token = reader.Secret("service-token", false, "of Trunkline's own services");
  settings.clients = static_cast<int>(reader.Int("clients", 64, 1, 10'000, "that ask at once"));
  settings.batch = static_cast<int>(reader.Int("batch", 1, 1, 1'000, "slots of a request"));
  settings.connections = static_cast<int>(reader.Int("connections", 4, 1, 1'000, "that gRPC clients share"));
  settings.businesses = static_cast<int>(reader.Int("businesses", 8, 1, 10'000, "that the clients ask for"));
  settings.keep = reader.Bool("keep", false, "hold what was granted while the next is asked for: for a crowd");
  settings.limit = reader.Int("limit", 1'000'000, 1, 1'000'000, "of slots, where the client tells it (redis)");
  settings.length = reader.Duration("length", absl::Seconds(5), "of the load");
  reader.Finish();
  return settings;
}

double ProcessorSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int Main(int argc, char** argv) {
  StartLog("bench-slot-load", LogLevel::kError);
  const SlotLoadSettings settings = ReadSettings(argc, argv);
  const double before = ProcessorSeconds();
  const auto began = SteadyClock::now();
  SlotTally tally(absl::ToChronoNanoseconds(settings.length));
  if (settings.target == "redis") {
    AskRedis(settings, tally);
  } else if (settings.target == "postgres") {
    AskPostgres(settings, tally);
  } else {
    AskOverGrpc(settings, tally);
  }
  const double seconds = std::chrono::duration<double>(SteadyClock::now() - began).count();
  const std::vector<int64_t>& sorted = tally.SortedMicroseconds();
  const auto milliseconds_at = [&](double share) {
    if (sorted.empty()) return 0.0;
    const auto place = static_cast<size_t>(share * static_cast<double>(sorted.size()));
    return static_cast<double>(sorted[std::min(place, sorted.size() - 1)]) / 1000;
  };
  std::cout << WriteJson(nlohmann::json{{"pairs", tally.pairs()},
                                        {"refused", tally.refused()},
                                        {"held", tally.held()},
                                        {"most_held", tally.most_held()},
                                        {"errors", tally.errors()},
                                        {"seconds", seconds},
                                        {"processor_seconds", ProcessorSeconds() - before},
                                        {"p50", milliseconds_at(0.5)},
                                        {"p99", milliseconds_at(0.99)}})
            << '\n';
  return 0;
}

}  // namespace
}  // namespace trunkline::bench

int main(int argc, char** argv) { return trunkline::bench::Main(argc, argv); }
