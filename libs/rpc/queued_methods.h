// gRPC methods that block on a database or a provider, on threads of their own: what Methods is for the server's
// threads. A call waits for a free thread; when too many wait, one more is told at once to come again later, before
// anything was done for it.
//
//   grpc::ServerUnaryReactor* GetCall(grpc::CallbackServerContext* context, const GetCallRequest* request,
//                                     GetCallResponse* response) override {
//     return methods_.Unary("CallControlService/GetCall", context, [=, this](const Caller& caller) -> absl::Status {
//       TL_ASSIGN_OR_RETURN(*response->mutable_call(), calls_.Get(caller.business_id, request->call_id()));
//       return absl::OkStatus();
//     });
//   }
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "libs/base/work_queue.h"
#include "libs/rpc/method.h"

namespace trunkline::rpc {

class QueuedMethods {
 public:
  // Both outlive the object. The server is drained before the queue ends, which answers nobody who still waits.
  QueuedMethods(const Methods& methods, WorkQueue& queue) : methods_(methods), queue_(queue) {}

  // Runs `body` for an authenticated caller; the request and the response live until it returns. `method` is a
  // constant. RESOURCE_EXHAUSTED OVERLOADED, with RetryInfo, when too many calls wait.
  grpc::ServerUnaryReactor* Unary(std::string_view method, grpc::CallbackServerContext* context,
                                  std::function<absl::Status(const Caller&)> body) const;

 private:
  const Methods& methods_;
  WorkQueue& queue_;
};

}  // namespace trunkline::rpc
