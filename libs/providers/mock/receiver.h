// The webhooks by which the made-up exchange asks for plans (plan_source.h). Everything else is told over the link.
#pragma once

#include "libs/providers/provider.h"

namespace trunkline::providers::mock {

class Receiver final : public WebhookReceiver {
 public:
  // Never: the URL names the account.
  std::string ClaimedExternalAccount(const WebhookRequest& request) const override;
  bool IsExternalAccount(const Account& account, std::string_view external_account) const override;
  absl::Status Verify(const WebhookRequest& request, const Account& account) const override;
  absl::StatusOr<WebhookSubject> Describe(const WebhookRequest& request, const Account& account) const override;
  // The plan's JSON form.
  HttpReply RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const override;
  HttpReply Acknowledge() const override;
  std::vector<std::string_view> HeadersToKeep() const override;
};

}  // namespace trunkline::providers::mock
