#include "libs/rpc/authenticator.h"

#include <utility>

#include "libs/base/crypto.h"
#include "libs/base/ids.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::rpc {
namespace {

constexpr std::string_view kScheme = "bearer ";

}  // namespace

absl::StatusOr<Caller> Authenticator::AuthenticateCall(const grpc::ServerContextBase& context) {
  return Authenticate(BearerKeyOf(context));
}

absl::StatusOr<Caller> BusinessAuthenticator::AuthenticateCall(const grpc::ServerContextBase& context) {
  const auto business = context.client_metadata().find(kBusinessMetadata);
  if (business == context.client_metadata().end()) return keys_.AuthenticateCall(context);
  TL_ASSIGN_OR_RETURN(Caller caller, services_.AuthenticateCall(context));
  caller.business_id = std::string(business->second.data(), business->second.size());
  if (!IsUuid(caller.business_id)) {
    return Error(absl::StatusCode::kUnauthenticated, Reason::REASON_UNAUTHENTICATED,
                 Concat("the metadata ", kBusinessMetadata, " must be the UUID of a business"));
  }
  return caller;
}

ServiceAuthenticator::ServiceAuthenticator(std::string token) : token_(std::move(token)) {}

absl::StatusOr<Caller> ServiceAuthenticator::Authenticate(std::string_view key) {
  if (token_.empty() || !EqualsInConstantTime(Sha256(key), Sha256(token_))) {
    return Error(
        absl::StatusCode::kUnauthenticated, Reason::REASON_UNAUTHENTICATED,
        "this method is for Trunkline's own services: send the service token as 'authorization: Bearer TOKEN'");
  }
  return Caller{.business_id = "", .actor = "service"};
}

std::string BearerKeyOf(const grpc::ServerContextBase& context) {
  const auto found = context.client_metadata().find("authorization");
  if (found == context.client_metadata().end()) return {};
  const std::string_view value(found->second.data(), found->second.size());
  if (value.size() < kScheme.size() || !EqualsIgnoreCase(value.substr(0, kScheme.size()), kScheme)) return {};
  return std::string(Trim(value.substr(kScheme.size())));
}

}  // namespace trunkline::rpc
