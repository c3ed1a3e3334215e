#include "libs/rpc/in_process_client.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::rpc {
namespace {

struct Pending {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
};

// gRPC ends the process over anything else in a header.
bool IsMetadata(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c <= 0x7e; });
}

grpc::ByteBuffer BufferOf(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

absl::StatusOr<std::string> BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Dump(&slices).ok()) return absl::InternalError("an answer of this process cannot be read");
  std::string bytes;
  bytes.reserve(buffer.Length());
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

}  // namespace

void Prepare(const InProcessCall& call, grpc::ClientContext* context) {
  context->set_deadline(absl::ToChronoTime(absl::Now() + call.timeout));
  if (IsMetadata(call.authorization)) context->AddMetadata("authorization", call.authorization);
  if (IsMetadata(call.traceparent)) context->AddMetadata("traceparent", call.traceparent);
}

void InProcessClient::Ask(const InProcessCall& call, Done done) {
  const auto pending = std::make_shared<Pending>();
  Prepare(call, &pending->context);
  pending->request = BufferOf(call.request);
  stub_.UnaryCall(&pending->context, "/" + call.method, grpc::StubOptions(), &pending->request, &pending->response,
                  [pending, done = std::move(done)](const grpc::Status& status) {
                    status.ok() ? done(BytesOf(pending->response)) : done(FromGrpc(status));
                  });
}

}  // namespace trunkline::rpc
