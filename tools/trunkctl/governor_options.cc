#include "tools/trunkctl/governor_options.h"

#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "libs/base/secrets.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::trunkctl {

void GovernorOptions::AddTo(CLI::App& command) {
  command.add_option("--governor", addresses, "gRPC addresses of the governor's replicas, host:port, with commas")
      ->envname("TRUNKLINE_GOVERNOR")
      ->capture_default_str();
  command
      .add_option("--service-token", service_token,
                  "of Trunkline's own services, may be secret:NAME; better given as TRUNKLINE_SERVICE_TOKEN")
      ->envname("TRUNKLINE_SERVICE_TOKEN")
      ->required();
}

absl::StatusOr<std::unique_ptr<governor::GovernorClient>> GovernorOptions::Connect() const {
  TL_ASSIGN_OR_RETURN(std::string token, ResolveSecret(service_token, SecretsDirectoryFromEnvironment()));
  std::vector<std::string> replicas = absl::StrSplit(addresses, ',', absl::SkipEmpty());
  if (replicas.empty()) return absl::InvalidArgumentError("--governor names no address");
  return std::make_unique<governor::GovernorClient>(
      governor::GovernorClient::Options{.addresses = std::move(replicas), .service_token = std::move(token)});
}

}  // namespace trunkline::trunkctl
