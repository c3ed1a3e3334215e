// campaign-scheduler: whom campaigns call, and when. See README.md.
#include "libs/base/config.h"
#include "libs/base/log.h"
#include "libs/base/shutdown.h"
#include "services/campaign-scheduler/config.h"
#include "services/campaign-scheduler/scheduler.h"

int main(int argc, char** argv) {
  using namespace trunkline;  // NOLINT: a main function wires everything

  StopSignals signals;
  StartLog("campaign-scheduler", LogLevel::kInfo);
  ConfigReader reader("campaign-scheduler", "Decides whom campaigns call, and when.", argc, argv);
  const scheduler::SchedulerConfig config = scheduler::ReadSchedulerConfig(reader);
  StartLog("campaign-scheduler", config.log_level);

  const auto scheduler = scheduler::Scheduler::Start(config);
  if (!scheduler.ok()) {
    LogError("cannot start", {{"error", scheduler.status()}});
    return 1;
  }
  LogInfo("started", {{"grpc_port", (*scheduler)->grpc_port()}, {"admin_port", (*scheduler)->admin_port()}});

  signals.Wait();
  LogInfo("stopping");
  (*scheduler)->HandOver();
  (*scheduler)->Drain();
  LogInfo("stopped");
  return 0;
}
