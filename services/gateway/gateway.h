// The gateway, wired: every part with what it needs, in the order in which they depend on each other.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/providers/registry.h"
#include "libs/tracking/registry.h"
#include "services/gateway/config.h"

namespace trunkline::gateway {

class Gateway {
 public:
  // Serves when it returns. UNAVAILABLE when a port cannot be bound; a database or a Kafka that is away only keeps it
  // from being ready. The registries outlive the gateway.
  static absl::StatusOr<std::unique_ptr<Gateway>> Start(const GatewayConfig& config,
                                                        const providers::Registry& registry,
                                                        const tracking::Registry& platforms);
  ~Gateway();

  uint16_t grpc_port() const;
  uint16_t admin_port() const;
  // 0 when the HTTP/JSON API is not served.
  uint16_t http_port() const;

  // Tells that it is not ready any more, and serves on, so that clients find other replicas.
  void LeaveReadiness();
  // Ends the watchers, and lets the calls under way finish.
  void Drain();

 private:
  struct Parts;
  explicit Gateway(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace trunkline::gateway
