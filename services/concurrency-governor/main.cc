// concurrency-governor: who may have one more call in progress. See README.md.
#include "libs/base/config.h"
#include "libs/base/log.h"
#include "libs/base/shutdown.h"
#include "services/concurrency-governor/config.h"
#include "services/concurrency-governor/governor.h"

int main(int argc, char** argv) {
  using namespace trunkline;

  StopSignals signals;
  StartLog("concurrency-governor", LogLevel::kInfo);
  ConfigReader reader("concurrency-governor", "Decides who may have one more call in progress.", argc, argv);
  const governor::GovernorConfig config = governor::ReadGovernorConfig(reader);
  StartLog("concurrency-governor", config.log_level);

  const auto governor = governor::Governor::Start(config);
  if (!governor.ok()) {
    LogError("cannot start", {{"error", governor.status()}});
    return 1;
  }
  LogInfo("started", {{"grpc_port", (*governor)->grpc_port()}, {"admin_port", (*governor)->admin_port()}});

  signals.Wait();
  LogInfo("stopping");
  (*governor)->LeaveReadiness();
  signals.WaitFor(config.drain_delay);  // a second signal cuts it short
  (*governor)->Drain();
  LogInfo("stopped");
  return 0;
}
