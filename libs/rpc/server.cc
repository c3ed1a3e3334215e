#include "libs/rpc/server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>

#include <utility>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "libs/base/text.h"

namespace trunkline::rpc {

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      const std::vector<grpc::Service*>& services) {
  // Debian's Abseil looks for deadlocks, under one lock of the whole process, whenever gRPC takes a lock.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  grpc::EnableDefaultHealthCheckService(true);
  if (options.reflection) grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort(Concat(options.address, ":", options.port), grpc::InsecureServerCredentials(), &port);
  builder.SetResourceQuota(grpc::ResourceQuota("server").SetMaxThreads(options.max_threads));
  builder.SetSyncServerOption(grpc::ServerBuilder::SyncServerOption::MAX_POLLERS, options.max_threads / 2);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                             static_cast<int>(absl::ToInt64Milliseconds(options.max_connection_age)));
  // Clients that watch calls keep quiet connections alive with pings.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  for (grpc::Service* service : services) builder.RegisterService(service);
  std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  if (server == nullptr || port == 0) {
    return absl::UnavailableError(ToAbsl(Concat("cannot listen on ", options.address, ":", options.port)));
  }
  std::unique_ptr<Server> out(new Server(std::move(server), static_cast<uint16_t>(port)));
  out->SetReady(false);
  return out;
}

Server::Server(std::unique_ptr<grpc::Server> server, uint16_t port) : server_(std::move(server)), port_(port) {}
Server::~Server() { Drain(absl::ZeroDuration()); }

void Server::SetReady(bool ready) { server_->GetHealthCheckService()->SetServingStatus("ready", ready); }

std::shared_ptr<grpc::Channel> Server::InProcessChannel() {
  return server_->InProcessChannel(grpc::ChannelArguments());
}

void Server::Drain(absl::Duration limit) {
  SetReady(false);
  server_->Shutdown(absl::ToChronoTime(absl::Now() + limit));
  server_->Wait();
}

}  // namespace trunkline::rpc
