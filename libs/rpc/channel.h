// The client's side of gRPC between Trunkline's services.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "absl/time/time.h"

namespace trunkline::rpc {

// A channel to "host:port" or "dns:///name:port" that spreads calls over all addresses and retries by itself what the
// server certainly did not see. Connects lazily and comes back by itself.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target);

// Prepares a call: deadline, bearer key (when not empty) and the thread's trace.
void Prepare(grpc::ClientContext* context, absl::Duration timeout, const std::string& bearer_key);

}  // namespace trunkline::rpc
