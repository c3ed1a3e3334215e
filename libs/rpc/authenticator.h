// Who calls a gRPC method.
#pragma once

#include <grpcpp/server_context.h>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace trunkline::rpc {

// A caller whose key was checked.
struct Caller {
  std::string business_id;      // empty for Trunkline's own services
  std::string actor;            // for the audit: "api-key:ID" or "service"
  std::string api_key_id = {};  // empty for Trunkline's own services
};

// Turns the metadata "authorization: Bearer KEY" into a caller. Thread-safe.
class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // UNAUTHENTICATED when the key is missing, unknown or revoked; UNAVAILABLE when it cannot be checked now.
  virtual absl::StatusOr<Caller> Authenticate(std::string_view key) = 0;
};

// Trunkline's own services: the one token that they share.
class ServiceAuthenticator final : public Authenticator {
 public:
  explicit ServiceAuthenticator(std::string token);
  absl::StatusOr<Caller> Authenticate(std::string_view key) override;

 private:
  std::string token_;
};

// The key of a call's metadata; empty when it has none.
std::string BearerKeyOf(const grpc::ServerContextBase& context);

}  // namespace trunkline::rpc
