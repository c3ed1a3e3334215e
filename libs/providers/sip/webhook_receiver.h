// An exchange's webhooks at the door. Three ways to show that one is genuine, of which an account uses those that it
// has credentials for:
//
//   HMAC     X-PBX-Timestamp (epoch seconds, within 5 minutes) and X-PBX-Signature: sha256=HEX, the HMAC-SHA256 of
//            timestamp, '.' and body. A webhook that is sent again tells the same events, so nothing is remembered.
//   digest   RFC 7616 (digest_auth.h); Challenge() asks for it
//   token    Authorization: Bearer TOKEN or X-PBX-Token: what a plain dialplan can send. Only safe with an allow-list
//   of
//            addresses, which webhook-ingest checks.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libs/providers/provider.h"

namespace trunkline::providers::sip {

class SipReceiver final : public WebhookReceiver {
 public:
  // An exchange has no id of its own, so its URL names the account. Where the URL cannot, on the legacy path, it tells
  // the account's setting pbx_id: in X-PBX-Id, as pbx_id of the URL's query, or in the body.
  std::string ClaimedExternalAccount(const WebhookRequest& request) const override;
  bool IsExternalAccount(const Account& account, std::string_view external_account) const override;
  absl::Status Verify(const WebhookRequest& request, const Account& account) const override;
  std::string Challenge(const WebhookRequest& request, const Account& account) const override;
  absl::StatusOr<WebhookSubject> Describe(const WebhookRequest& request, const Account& account) const override;
  // An exchange runs its own dialplan: there is nothing to reply but that it was heard.
  HttpReply RenderPlan(const plans::v1::CallPlan& plan, const RenderContext& context) const override;
  HttpReply Acknowledge() const override;
  std::vector<std::string_view> HeadersToKeep() const override;
};

}  // namespace trunkline::providers::sip
