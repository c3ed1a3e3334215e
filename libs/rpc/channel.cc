#include "libs/rpc/channel.h"

#include "absl/time/clock.h"
#include "libs/base/trace.h"

namespace trunkline::rpc {

std::shared_ptr<grpc::Channel> MakeChannel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  // A snapshot of all provider accounts may be larger than the default of 4 MiB.
  arguments.SetMaxReceiveMessageSize(64 * 1024 * 1024);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

void Prepare(grpc::ClientContext* context, absl::Duration timeout, const std::string& bearer_key) {
  context->set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  if (!bearer_key.empty()) context->AddMetadata("authorization", "Bearer " + bearer_key);
  if (const TraceContext trace = CurrentTrace(); trace.IsValid()) {
    context->AddMetadata("traceparent", ChildOf(trace).ToTraceparent());
  }
}

}  // namespace trunkline::rpc
