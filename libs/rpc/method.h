// What every gRPC method has around it: authentication, deadline, trace, metrics, log, rich errors and a catch-all.
//
//   grpc::Status GetCall(grpc::ServerContext* context, const GetCallRequest* request, GetCallResponse* response)
//   override {
//     return methods_.Unary("CallControlService/GetCall", context, [&](const Caller& caller) -> absl::Status {
//       TL_ASSIGN_OR_RETURN(*response->mutable_call(), calls_.Get(caller.business_id, request->call_id()));
//       return absl::OkStatus();
//     });
//   }
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/status.h>

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/metrics/registry.h"
#include "libs/rpc/authenticator.h"

namespace trunkline::rpc {

// An error as the client of a method may see it. What is our fault, or told by a library with addresses that are none
// of the client's business, goes to the log; the client gets a reason, and the trace under which the log has more.
// Every other status stays as it is.
absl::Status ForClient(std::string_view method, absl::Status status);

class Methods {
 public:
  // All of them outlive the object.
  Methods(Authenticator& authenticator, metrics::Registry& metrics, const Clock& clock);

  // Runs `body` for an authenticated caller. A call whose deadline is over already is not begun.
  grpc::Status Unary(std::string_view method, grpc::ServerContext* context,
                     const std::function<absl::Status(const Caller&)>& body) const;

  // Authentication alone, for streaming methods.
  absl::StatusOr<Caller> Authenticate(const grpc::ServerContextBase& context) const;

  // The parts of Unary(), for methods that began elsewhere, at `began`.
  absl::Time Now() const { return clock_.Now(); }
  grpc::Status Run(std::string_view method, const grpc::ServerContextBase& context, absl::Time began,
                   const std::function<absl::Status(const Caller&)>& body) const;
  // Measures, and makes of the status what the client may see.
  grpc::Status Answer(std::string_view method, absl::Time began, absl::Status status) const;

 private:
  Authenticator& authenticator_;
  metrics::Registry& metrics_;
  const Clock& clock_;
};

}  // namespace trunkline::rpc
