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
  // The same for a call, whose metadata may tell more than the key.
  virtual absl::StatusOr<Caller> AuthenticateCall(const grpc::ServerContextBase& context);
};

// Trunkline's own services: the one token that they share.
class ServiceAuthenticator final : public Authenticator {
 public:
  explicit ServiceAuthenticator(std::string token);
  absl::StatusOr<Caller> Authenticate(std::string_view key) override;

 private:
  std::string token_;
};

// Clients of businesses by their keys; and Trunkline's own services by their token, together with the metadata
// "trunkline-business-id: UUID" of the business that they act for. No key's limits hold for the services.
class BusinessAuthenticator final : public Authenticator {
 public:
  // Both outlive the object.
  BusinessAuthenticator(Authenticator& keys, Authenticator& services) : keys_(keys), services_(services) {}
  absl::StatusOr<Caller> Authenticate(std::string_view key) override { return keys_.Authenticate(key); }
  absl::StatusOr<Caller> AuthenticateCall(const grpc::ServerContextBase& context) override;

 private:
  Authenticator& keys_;
  Authenticator& services_;
};

// The metadata by which a service names the business that it acts for.
inline constexpr char kBusinessMetadata[] = "trunkline-business-id";

// The key of a call's metadata; empty when it has none.
std::string BearerKeyOf(const grpc::ServerContextBase& context);

}  // namespace trunkline::rpc
