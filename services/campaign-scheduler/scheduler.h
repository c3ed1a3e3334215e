// The scheduler, wired: every part with what it needs, in the order in which they depend on each other.
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/statusor.h"
#include "services/campaign-scheduler/config.h"

namespace trunkline::scheduler {

class Scheduler {
 public:
  // Serves and runs campaigns when it returns. UNAVAILABLE when a port cannot be bound; a database or a Kafka that is
  // away only keeps it from being ready.
  static absl::StatusOr<std::unique_ptr<Scheduler>> Start(const SchedulerConfig& config);
  ~Scheduler();

  uint16_t grpc_port() const;
  uint16_t admin_port() const;

  // Tells that it is not ready any more, and hands its campaigns over to other replicas.
  void HandOver();
  // Lets the requests under way finish.
  void Drain();

 private:
  struct Parts;
  explicit Scheduler(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace trunkline::scheduler
