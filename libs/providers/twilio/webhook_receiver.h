// Twilio's webhooks at the door: whose they are, whether they are genuine, which call they are about, what they are
// answered. Signatures are in signature.h, the call's id in call_identity.h, TwiML in markup.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers::twilio {

class TwilioReceiver final : public WebhookReceiver {
 public:
  // AccountSid.
  std::string ClaimedExternalAccount(const WebhookRequest& request) const override;
  bool IsExternalAccount(const Account& account, std::string_view external_account) const override;
  absl::Status Verify(const WebhookRequest& request, const Account& account) const override;
  absl::StatusOr<WebhookSubject> Describe(const WebhookRequest& request, const Account& account) const override;
  HttpReply RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const override;
  // An empty TwiML document: what is only told needs none, and an action without a step ends the call with it.
  HttpReply Acknowledge() const override;
  std::vector<std::string_view> HeadersToKeep() const override;
};

}  // namespace trunkline::providers::twilio
