#include "libs/rpc/queued_methods.h"

#include <utility>

#include "libs/base/status.h"

namespace trunkline::rpc {
namespace {

constexpr absl::Duration kComeAgain = absl::Seconds(1);

absl::Status Overloaded() {
  return WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                              "too many calls wait for this server; nothing was done, ask again later"),
                        kComeAgain);
}

}  // namespace

grpc::ServerUnaryReactor* QueuedMethods::Unary(std::string_view method, grpc::CallbackServerContext* context,
                                               std::function<absl::Status(const Caller&)> body) const {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const absl::Time began = methods_.Now();
  const bool is_taken = queue_.Add([this, method, context, reactor, began, body = std::move(body)] {
    reactor->Finish(methods_.Run(method, *context, began, body));
  });
  if (!is_taken) reactor->Finish(methods_.Answer(method, began, Overloaded()));
  return reactor;
}

}  // namespace trunkline::rpc
