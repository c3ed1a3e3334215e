#include "libs/providers/call_client.h"

#include "libs/providers/provider_status.h"

namespace trunkline::providers {

std::vector<DialOutcome> CallClient::PlaceCalls(const Account& /*account*/, const BulkDialRequest& request) {
  DialOutcome rejected;
  rejected.kind = DialOutcome::Kind::kRejected;
  rejected.error = UnsupportedError(provider_, v1::FEATURE_BULK_DIAL);
  return std::vector<DialOutcome>(request.to.size(), rejected);
}

absl::StatusOr<ProviderCall> CallClient::FetchCall(const Account& /*account*/, std::string_view /*external_call_id*/) {
  return Unsupported(provider_, v1::FEATURE_FETCH_CALL);
}

absl::StatusOr<std::vector<ProviderCall>> CallClient::ListCalls(const Account& /*account*/,
                                                                const CallFilter& /*filter*/) {
  return Unsupported(provider_, v1::FEATURE_LIST_CALLS);
}

absl::Status CallClient::EndCall(const Account& /*account*/, std::string_view /*external_call_id*/) {
  return Unsupported(provider_, v1::FEATURE_END_CALL);
}

}  // namespace trunkline::providers
