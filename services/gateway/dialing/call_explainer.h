// Why a call would, or would not, be placed now: every gate that the dial pipeline would take it through, in the same
// order, without taking it through any of them.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/governor/governor_client.h"
#include "libs/postgres/pool.h"
#include "libs/providers/registry.h"
#include "libs/rpc/authenticator.h"
#include "services/gateway/accounts/account_directory.h"
#include "services/gateway/accounts/account_guard.h"
#include "services/gateway/accounts/destination_policy.h"
#include "services/gateway/dialing/bot_warmer.h"
#include "services/gateway/dialing/dial_route.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

class CallExplainer {
 public:
  struct Parts {           // all of them outlive the explainer
    postgres::Pool& pool;  // acts for one business at a time
    AccountDirectory& accounts;
    const providers::Registry& registry;
    AccountGuard& guard;
    const DestinationPolicy& destinations;
    BotWarmer& bots;
    governor::GovernorClient* governor;  // none: every call is admitted
    const Clock& clock;
  };

  explicit CallExplainer(Parts parts) : parts_(parts) {}

  // See CallControlService.ExplainCall. Of the accounts that the call may go over, the first is explained. Blocks.
  absl::StatusOr<control::v1::ExplainCallResponse> Explain(const rpc::Caller& caller,
                                                           const control::v1::InitiateCallRequest& call);

 private:
  using Gates = std::vector<control::v1::CallGate>;

  absl::Status ExplainKey(const rpc::Caller& caller, const KeyLimits& limits, Gates* gates);
  absl::Status ExplainAccount(const std::string& business_id, const DialRoute& route, Gates* gates);
  void ExplainLimits(const std::string& business_id, const DialRoute& route,
                     const control::v1::InitiateCallRequest& call, Gates* gates);
  void ExplainBot(const std::string& business_id, const control::v1::InitiateCallRequest& call, Gates* gates);
  control::v1::CallGate ToGate(const absl::Status& passed, std::string_view gate, std::string_view level) const;
  control::v1::CallGate ToGate(const RateUse& use, std::string_view level) const;

  const Parts parts_;
};

}  // namespace trunkline::gateway
