#include "tools/trunkctl/tracking_client.h"

namespace trunkline::trunkctl {

void TrackingOptions::AddTo(CLI::App& command) {
  command.add_option("--tracking", address, "gRPC address of call-tracking-sync, host:port")
      ->envname("TRUNKLINE_TRACKING")
      ->capture_default_str();
  command.add_option("--api-key", api_key, "API key of the business; better given as TRUNKLINE_API_KEY")
      ->envname("TRUNKLINE_API_KEY");
}

}  // namespace trunkline::trunkctl
