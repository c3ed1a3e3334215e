// The gateway: call control, provider accounts and call plans over gRPC. See README.md.
#include "libs/base/clock.h"
#include "libs/base/config.h"
#include "libs/base/log.h"
#include "libs/base/shutdown.h"
#include "libs/providers/built_in_providers.h"
#include "libs/tracking/built_in_platforms.h"
#include "services/gateway/config.h"
#include "services/gateway/gateway.h"

namespace {

using trunkline::gateway::Gateway;
using trunkline::gateway::GatewayConfig;

}  // namespace

int main(int argc, char** argv) {
  trunkline::StopSignals signals;
  trunkline::StartLog("gateway", trunkline::LogLevel::kInfo);
  trunkline::ConfigReader reader("gateway", "Places and controls calls over any provider.", argc, argv);
  const GatewayConfig config = trunkline::gateway::ReadGatewayConfig(reader);
  trunkline::StartLog("gateway", config.log_level);

  const trunkline::providers::Registry registry = trunkline::providers::BuiltInProviders(
      {.public_url = config.public_url, .api_timeout = config.provider_api_timeout});
  const trunkline::SystemClock clock;
  const trunkline::tracking::Registry platforms = trunkline::tracking::BuiltInPlatforms(
      {.public_url = config.public_url, .api_timeout = config.provider_api_timeout, .clock = &clock});
  const auto gateway = Gateway::Start(config, registry, platforms);
  if (!gateway.ok()) {
    trunkline::LogError("cannot start", {{"error", gateway.status()}});
    return 1;
  }
  trunkline::LogInfo("started", {{"grpc_port", (*gateway)->grpc_port()}, {"admin_port", (*gateway)->admin_port()}});

  signals.Wait();
  trunkline::LogInfo("stopping");
  (*gateway)->LeaveReadiness();
  signals.WaitFor(config.drain_delay);  // a second signal cuts it short
  (*gateway)->Drain();
  trunkline::LogInfo("stopped");
  return 0;
}
