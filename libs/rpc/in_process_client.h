// Calls the methods of a server by name, with requests and answers as bytes: for other doors to the same methods.
// Authentication, limits on threads, metrics and errors are the server's own, and no thread waits for the answer. The
// server is usually one of this very process, reached without a socket; it may be another's.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace trunkline::rpc {

struct InProcessCall {
  std::string method;         // "trunkline.control.v1.CallControlService/GetCall"
  std::string authorization;  // the whole header: "Bearer KEY"
  std::string traceparent;
  std::string request;  // a serialized message
  absl::Duration timeout = absl::Seconds(60);
};

// Sets deadline and metadata of a call to a method of this process.
void Prepare(const InProcessCall& call, grpc::ClientContext* context);

class InProcessClient {
 public:
  using Done = std::function<void(absl::StatusOr<std::string>)>;

  explicit InProcessClient(const std::shared_ptr<grpc::Channel>& channel) : stub_(channel) {}

  // `done` is called once, with the serialized answer, on a thread of gRPC's, where it must not block.
  void Ask(const InProcessCall& call, Done done);

 private:
  grpc::GenericStub stub_;
};

}  // namespace trunkline::rpc
