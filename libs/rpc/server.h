// A gRPC server with health, reflection and a graceful end.
//
// Health: "" says that the process lives, "ready" whether it wants traffic. Handlers may block on PostgreSQL or a
// provider: they run on a bounded pool of threads, beyond which gRPC answers RESOURCE_EXHAUSTED.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trunkline::rpc {

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0 picks a free one
  int max_threads = 64;
  bool reflection = true;
  absl::Duration max_connection_age = absl::Minutes(30);
};

class Server {
 public:
  // UNAVAILABLE when the port cannot be bound. The services outlive the server.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       const std::vector<grpc::Service*>& services);
  ~Server();

  uint16_t port() const { return port_; }
  void SetReady(bool ready);
  // A channel to this server that takes no socket. It ends with the server.
  std::shared_ptr<grpc::Channel> InProcessChannel();
  // Takes no new calls, lets those under way finish for at most `limit`, then cancels them.
  void Drain(absl::Duration limit);

 private:
  Server(std::unique_ptr<grpc::Server> server, uint16_t port);

  std::unique_ptr<grpc::Server> server_;
  uint16_t port_;
};

}  // namespace trunkline::rpc
