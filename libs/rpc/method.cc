#include "libs/rpc/method.h"

#include <chrono>
#include <exception>
#include <string>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::rpc {
namespace {

TraceContext TraceOf(const grpc::ServerContextBase& context) {
  const auto found = context.client_metadata().find("traceparent");
  if (found == context.client_metadata().end()) return ChildOf({});
  return ChildOf(ParseTraceparent({found->second.data(), found->second.size()}));
}

bool IsOurFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kUnknown ||
         code == absl::StatusCode::kDataLoss;
}

}  // namespace

absl::Status ForClient(std::string_view method, absl::Status status) {
  if (IsOurFault(status.code())) {
    LogError("method failed", {{"method", method}, {"error", status}});
    return Error(status.code(), Reason::REASON_INTERNAL,
                 Concat("a fault of the server; its log has more under trace ", CurrentTrace().trace_id));
  }
  if (status.code() == absl::StatusCode::kUnavailable && ReasonOf(status) == Reason::REASON_UNSPECIFIED) {
    LogWarning("method could not be carried out", {{"method", method}, {"error", status}});
    return WithRetryAfter(
        Error(status.code(), Reason::REASON_DEPENDENCY_UNAVAILABLE,
              Concat("a part that the server needs is away; its log has more under trace ", CurrentTrace().trace_id)),
        absl::Seconds(1));
  }
  return status;
}

Methods::Methods(Authenticator& authenticator, metrics::Registry& metrics, const Clock& clock)
    : authenticator_(authenticator), metrics_(metrics), clock_(clock) {}

absl::StatusOr<Caller> Methods::Authenticate(const grpc::ServerContextBase& context) const {
  return authenticator_.AuthenticateCall(context);
}

grpc::Status Methods::Unary(std::string_view method, grpc::ServerContext* context,
                            const std::function<absl::Status(const Caller&)>& body) const {
  return Run(method, *context, clock_.Now(), body);
}

grpc::Status Methods::Run(std::string_view method, const grpc::ServerContextBase& context, absl::Time began,
                          const std::function<absl::Status(const Caller&)>& body) const {
  const TraceScope trace(TraceOf(context));
  absl::Status status;
  try {
    if (context.deadline() < std::chrono::system_clock::now()) {
      status = absl::DeadlineExceededError("the deadline was over before the method began");
    } else if (absl::StatusOr<Caller> caller = Authenticate(context); !caller.ok()) {
      status = caller.status();
    } else {
      status = body(*caller);
    }
  } catch (const std::exception& error) {
    // A library's exception that its wrapper did not turn into a status; without this the client would see
    // UNIMPLEMENTED.
    status = absl::InternalError(error.what());
  }
  return Answer(method, began, std::move(status));
}

grpc::Status Methods::Answer(std::string_view method, absl::Time began, absl::Status status) const {
  status = ForClient(method, std::move(status));
  const metrics::Labels labels = {{"method", std::string(method)}, {"code", absl::StatusCodeToString(status.code())}};
  metrics_.Counter("trunkline_rpc_requests_total", "gRPC calls answered, by method and code.", labels).Increment();
  metrics_
      .Seconds("trunkline_rpc_request_seconds", "Time to answer a gRPC call, by method.",
               {{"method", labels.at("method")}})
      .Observe(absl::ToDoubleSeconds(clock_.Now() - began));
  return ToGrpc(status);
}

}  // namespace trunkline::rpc
