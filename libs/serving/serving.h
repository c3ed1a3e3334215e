// What a service serves: its gRPC API, and the admin port. Both tell whether it is ready.
//
//   TL_ASSIGN_OR_RETURN(serving, Serving::Start(config.serving, {.services = {&handler}, .metrics = ..., .ready =
//   ...})); serving->Leave();   // nobody new is to come serving->Drain();   // those under way finish
#pragma once

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/base/background_worker.h"
#include "libs/http/server.h"
#include "libs/rpc/server.h"
#include "libs/serving/serving_settings.h"

namespace trunkline::serving {

class Serving {
 public:
  struct Parts {
    std::vector<grpc::Service*> services;  // they outlive the object
    std::function<std::string()> metrics;  // the text of /metrics
    std::function<absl::Status()> ready;   // OK when the service can do its work; any thread, must not block
  };

  // Serves when it returns. UNAVAILABLE when a port cannot be bound.
  static absl::StatusOr<std::unique_ptr<Serving>> Start(const ServingSettings& settings, Parts parts);
  // Cancels what is under way.
  ~Serving() = default;

  uint16_t grpc_port() const { return server_->port(); }
  uint16_t admin_port() const { return admin_->port(); }

  // From now on it is not ready. May be called again.
  void Leave();
  // Takes no new requests, lets those under way finish, and cancels them after the limit. The admin port is served
  // until the object's end. May be called again.
  void Drain();

 private:
  Serving(absl::Duration drain_limit, std::function<absl::Status()> ready);
  absl::Status Ready() const;

  const absl::Duration drain_limit_;
  const std::function<absl::Status()> ready_;
  std::atomic<bool> left_ = false;
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<http::Server> admin_;
  std::unique_ptr<BackgroundWorker> telling_;
};

}  // namespace trunkline::serving
