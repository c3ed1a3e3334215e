// Control of calls in progress over Twilio's REST API
// (https://www.twilio.com/docs/voice/api/call-resource#update-a-call-resource).
#pragma once

#include "libs/providers/provider.h"
#include "libs/providers/twilio/rest_api.h"

namespace trunkline::providers::twilio {

class Controls final : public CallControls {
 public:
  // `api` outlives the object.
  Controls(const ProviderOptions& options, RestApi& api);

  // FAILED_PRECONDITION also for a plan whose TwiML is longer than the 4,000 characters that Twilio takes here.
  absl::StatusOr<Controlled> Update(const Account& account, const LiveCall& call,
                                    const plans::v1::CallPlan& plan) override;

 private:
  ProviderOptions options_;
  RestApi& api_;
};

}  // namespace trunkline::providers::twilio
