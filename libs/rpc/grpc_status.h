// Between absl::Status and grpc::Status. The payloads of Error(), InvalidFields() and WithRetryAfter() become the
// details of a google.rpc.Status, and come back on the client's side.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace trunkline::rpc {

grpc::Status ToGrpc(const absl::Status& status);
absl::Status FromGrpc(const grpc::Status& status);

}  // namespace trunkline::rpc
