// Where a service is reached.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "libs/base/config.h"

namespace trunkline::serving {

struct ServingSettings {
  std::string grpc_address;
  uint16_t grpc_port = 0;
  std::string advertised_address;  // host:port by which others know this replica
  std::string admin_address;
  uint16_t admin_port = 0;
  absl::Duration drain_limit = absl::Seconds(10);  // for requests under way at the end
};

// The settings grpc-address, grpc-port, advertised-address, admin-address, admin-port and drain-limit. `advertised`
// says whom the advertised address is for.
ServingSettings ReadServingSettings(ConfigReader& reader, uint16_t grpc_port, uint16_t admin_port,
                                    std::string_view advertised);

}  // namespace trunkline::serving
