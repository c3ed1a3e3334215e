// Plivo's webhooks as they come in: V3 signatures, the call they are about, and Plivo XML in reply.
#pragma once

#include "libs/providers/provider.h"

namespace trunkline::providers::plivo {

class PlivoReceiver final : public WebhookReceiver {
 public:
  std::string ClaimedExternalAccount(const WebhookRequest& request) const override;
  bool IsExternalAccount(const Account& account, std::string_view external_account) const override;
  absl::Status Verify(const WebhookRequest& request, const Account& account) const override;
  bool AcceptsMediaType(std::string_view media_type) const override;
  absl::StatusOr<WebhookSubject> Describe(const WebhookRequest& request, const Account& account) const override;
  HttpReply RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const override;
  HttpReply Acknowledge() const override;
  std::vector<std::string_view> HeadersToKeep() const override { return {}; }
};

}  // namespace trunkline::providers::plivo
