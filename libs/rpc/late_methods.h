// gRPC methods whose answer comes from another thread: what Methods is for those that block. No thread waits meanwhile.
//
//   grpc::ServerUnaryReactor* BindSlot(grpc::CallbackServerContext* context, const BindSlotRequest* request,
//                                      BindSlotResponse* response) override {
//     return methods_.Begin("GovernorService/BindSlot", context, [&](LateMethods::Answer answer) {
//       slots_.Bind(*request, [response, answer](const absl::Status& status) { answer(status); });
//     });
//   }
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "libs/base/clock.h"
#include "libs/metrics/registry.h"
#include "libs/rpc/authenticator.h"

namespace trunkline::rpc {

class LateMethods {
 public:
  // Ends the call; called exactly once, from any thread. The request and the response live until then.
  using Answer = std::function<void(absl::Status)>;

  // All of them outlive the object. The authenticator must not block.
  LateMethods(Authenticator& authenticator, metrics::Registry& metrics, const Clock& clock)
      : authenticator_(authenticator), metrics_(metrics), clock_(clock) {}

  // Runs `body`, which must not block, for an authenticated caller.
  grpc::ServerUnaryReactor* Begin(const std::string& method, grpc::CallbackServerContext* context,
                                  const std::function<void(Answer answer)>& body) const;
  // Authentication alone, for streaming methods.
  absl::StatusOr<Caller> Authenticate(const grpc::ServerContextBase& context) const {
    return authenticator_.AuthenticateCall(context);
  }

 private:
  Authenticator& authenticator_;
  metrics::Registry& metrics_;
  const Clock& clock_;
};

}  // namespace trunkline::rpc
