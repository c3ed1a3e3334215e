#include "libs/rpc/late_methods.h"

#include <utility>

#include "libs/rpc/grpc_status.h"
#include "libs/rpc/method.h"

namespace trunkline::rpc {

grpc::ServerUnaryReactor* LateMethods::Begin(const std::string& method, grpc::CallbackServerContext* context,
                                             const std::function<void(Answer answer)>& body) const {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto answer = [this, method, reactor, began = clock_.Now()](absl::Status status) {
    status = ForClient(method, std::move(status));
    metrics_
        .Counter("trunkline_rpc_requests_total", "gRPC calls answered, by method and code.",
                 {{"method", method}, {"code", absl::StatusCodeToString(status.code())}})
        .Increment();
    metrics_.Seconds("trunkline_rpc_request_seconds", "Time to answer a gRPC call, by method.", {{"method", method}})
        .Observe(absl::ToDoubleSeconds(clock_.Now() - began));
    reactor->Finish(ToGrpc(status));
  };
  if (const auto caller = Authenticate(*context); !caller.ok()) {
    answer(caller.status());
  } else {
    body(answer);
  }
  return reactor;
}

}  // namespace trunkline::rpc
