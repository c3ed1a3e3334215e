// The fields of InitiateCall.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/providers/call_client.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

// A request whose fields are right, in one form.
struct CheckedRequest {
  std::string request_id;
  std::string body_sha256;  // the same for the same request, raw
  std::string to;           // E.164
  std::string from;         // E.164, or empty
  std::string provider_account_id;
};

// INVALID_ARGUMENT that names every wrong field.
absl::StatusOr<CheckedRequest> CheckInitiate(const control::v1::InitiateCallRequest& request);

// How the provider is to place the call of a request that was checked, whether now or when it was stored.
providers::DialOptions DialOptionsOf(const control::v1::InitiateCallRequest& request, const std::string& from);

}  // namespace trunkline::gateway
