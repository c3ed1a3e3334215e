// The governor, wired: every part with what it needs, in the order in which they depend on each other.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "services/concurrency-governor/config.h"

namespace trunkline::governor {

class Governor {
 public:
  // Serves when it returns. UNAVAILABLE when a port cannot be bound; a database or a Kafka that is away only keeps it
  // from being ready.
  static absl::StatusOr<std::unique_ptr<Governor>> Start(const GovernorConfig& config);
  ~Governor();

  uint16_t grpc_port() const;
  uint16_t admin_port() const;

  // Tells that it is not ready any more, and serves on, so that clients find other replicas.
  void LeaveReadiness();
  // Gives the leadership up, answers those that wait, and lets the requests under way finish.
  void Drain();

 private:
  struct Parts;
  explicit Governor(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace trunkline::governor
