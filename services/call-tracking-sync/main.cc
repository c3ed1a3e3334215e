// call-tracking-sync: the calls that call-tracking platforms saw, in real time and in hindsight. See README.md.
#include "libs/base/config.h"
#include "libs/base/log.h"
#include "libs/base/shutdown.h"
#include "services/call-tracking-sync/call_tracking_sync.h"
#include "services/call-tracking-sync/config.h"

int main(int argc, char** argv) {
  using namespace trunkline;  // NOLINT: a main function wires everything

  StopSignals signals;
  StartLog("call-tracking-sync", LogLevel::kInfo);
  ConfigReader reader("call-tracking-sync", "Reads the calls of call-tracking platforms.", argc, argv);
  const tracking_sync::SyncConfig config = tracking_sync::ReadSyncConfig(reader);
  StartLog("call-tracking-sync", config.log_level);

  const auto service = tracking_sync::CallTrackingSync::Start(config);
  if (!service.ok()) {
    LogError("cannot start", {{"error", service.status()}});
    return 1;
  }
  LogInfo("started", {{"grpc_port", (*service)->grpc_port()}, {"admin_port", (*service)->admin_port()}});

  signals.Wait();
  LogInfo("stopping");
  (*service)->HandOver();
  (*service)->Drain();
  LogInfo("stopped");
  return 0;
}
