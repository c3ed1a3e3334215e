// Exotel's webhooks at the door. Exotel signs nothing: a webhook is genuine when its URL has the account's secret, when
// it brings the account's user name and password, or both, as the account is set; when it names no other account; and
// when its time is not too far off to be anything but a replay.
//
// Reasons beside those of the contract: TOO_OLD.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/webhook_receiver.h"

namespace trunkline::providers::exotel {

class ExotelReceiver final : public WebhookReceiver {
 public:
  // AccountSid where it is told, which is seldom; else what the secret in the URL amounts to.
  std::string ClaimedExternalAccount(const WebhookRequest& request) const override;
  bool IsExternalAccount(const Account& account, std::string_view external_account) const override;
  absl::Status Verify(const WebhookRequest& request, const Account& account) const override;
  std::string Challenge(const WebhookRequest& request, const Account& account) const override;
  // Multipart forms too: what Exotel sends unless it is asked for JSON.
  bool AcceptsMediaType(std::string_view media_type) const override;
  absl::StatusOr<WebhookSubject> Describe(const WebhookRequest& request, const Account& account) const override;
  HttpReply RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const override;
  // 200 without a body: any other status would steer a flow.
  HttpReply Acknowledge() const override;
  std::string UrlToKeep(std::string_view url) const override;
  std::vector<std::string_view> HeadersToKeep() const override;
};

}  // namespace trunkline::providers::exotel
