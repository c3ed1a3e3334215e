// Who carries a call: its provider account and the provider behind it, for whoever asks the provider about the call.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "libs/providers/registry.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/calls/call_facts.h"
#include "services/gateway/calls/call_reader.h"

namespace trunkline::gateway {

struct CarriedCall {
  control::v1::Call call;
  providers::Account account;
  const providers::Provider* provider = nullptr;
  providers::LiveCall live;
  CallIdentity identity;
};

class CallCarriers {
 public:
  // All of them outlive the object.
  CallCarriers(CallReader& reader, AccountDirectory& accounts, const providers::Registry& registry)
      : reader_(reader), accounts_(accounts), registry_(registry) {}

  // NOT_FOUND CALL_NOT_FOUND; FAILED_PRECONDITION DIAL_IN_DOUBT while the provider's id of the call is not known, and
  // UNKNOWN_PROVIDER.
  absl::StatusOr<CarriedCall> Find(const std::string& business_id, const std::string& call_id);
  // The same for a call that was read already.
  absl::StatusOr<CarriedCall> Of(const std::string& business_id, const control::v1::Call& call);

 private:
  CallReader& reader_;
  AccountDirectory& accounts_;
  const providers::Registry& registry_;
};

}  // namespace trunkline::gateway
