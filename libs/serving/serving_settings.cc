#include "libs/serving/serving_settings.h"

#include "libs/base/text.h"

namespace trunkline::serving {

ServingSettings ReadServingSettings(ConfigReader& reader, uint16_t grpc_port, uint16_t admin_port,
                                    std::string_view advertised) {
  ServingSettings settings;
  settings.grpc_address = reader.Text("grpc-address", "127.0.0.1", "address of the gRPC API");
  settings.grpc_port = static_cast<uint16_t>(reader.Int("grpc-port", grpc_port, 1, 65'535, "port of the gRPC API"));
  settings.advertised_address =
      reader.Text("advertised-address", "", Concat(advertised, "; grpc-address and grpc-port when empty"));
  if (settings.advertised_address.empty()) {
    settings.advertised_address = Concat(settings.grpc_address, ":", settings.grpc_port);
  }
  settings.admin_address = reader.Text("admin-address", "127.0.0.1", "address of the admin port");
  settings.admin_port = static_cast<uint16_t>(
      reader.Int("admin-port", admin_port, 0, 65'535, "port of /metrics, /healthz and /readyz; 0 picks one"));
  settings.drain_limit = reader.Duration("drain-limit", absl::Seconds(10), "for the requests under way at the end");
  return settings;
}

}  // namespace trunkline::serving
