// The service, wired: every part with what it needs, in the order in which they depend on each other.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "services/call-tracking-sync/config.h"

namespace trunkline::tracking_sync {

class CallTrackingSync {
 public:
  // Serves and reads the platforms when it returns. UNAVAILABLE when a port cannot be bound; a database, a Kafka or a
  // gateway that is away only keeps it from being ready.
  static absl::StatusOr<std::unique_ptr<CallTrackingSync>> Start(const SyncConfig& config);
  ~CallTrackingSync();

  uint16_t grpc_port() const;
  uint16_t admin_port() const;

  // Tells that it is not ready any more, and hands its accounts over to other replicas.
  void HandOver();
  // Lets the requests under way finish.
  void Drain();

 private:
  struct Parts;
  explicit CallTrackingSync(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace trunkline::tracking_sync
