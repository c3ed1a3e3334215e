#include "libs/tracking/tracking_receiver.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/event_id.h"
#include "libs/telephony/timestamps.h"
#include "libs/tracking/account_settings.h"
#include "libs/tracking/apply_mode.h"
#include "libs/tracking/notification.h"
#include "libs/tracking/webhook_modes.h"
#include "libs/tracking/webhook_url.h"

namespace trunkline::tracking {

bool TrackingReceiver::AcceptsMethod(std::string_view method) {
  constexpr std::array<std::string_view, 5> kMethods = {"GET", "HEAD", "POST", "PUT", "PATCH"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

absl::Status TrackingReceiver::Verify(const providers::WebhookRequest& request,
                                      const providers::Account& account) const {
  const WebhookUrl url = ReadWebhookUrl(request.url);
  TL_RETURN_IF_ERROR(VerifyWebhook(request, account));
  const bool wrong = url.platform != platform_ || (!url.account_id.empty() && url.account_id != account.id);
  return wrong ? absl::UnauthenticatedError("WRONG_ACCOUNT") : absl::OkStatus();
}

absl::StatusOr<ReceivedWebhook> TrackingReceiver::Read(const providers::WebhookRequest& request,
                                                       const providers::Account& account) const {
  TL_ASSIGN_OR_RETURN(const std::set<WebhookMode> modes, WebhookModesOf(account));
  TL_ASSIGN_OR_RETURN(const WebhookContent content, ReadWebhook(request.url, request.body, request.event, words_));
  ReceivedWebhook received;
  received.remark = content.remark;
  for (const Notification& notification : content.notifications) {
    webhooks::v1::RawWebhook raw;
    raw.set_provider(std::string(platform_));
    raw.set_provider_account_id(account.id);
    raw.set_business_id(account.business_id);
    raw.set_call_id(telephony::CallIdOf(account.id, notification.external_id));
    raw.set_event(notification.word);
    *raw.mutable_received_at() = telephony::ToProto(request.received_at);
    raw.set_remote_address(request.remote_address);
    raw.set_currency(account.Setting(kCurrency));
    ApplyTo(account, &raw);
    raw.set_hint_only(modes.contains(WebhookMode::kVerifyByFetch));
    raw.mutable_http()->set_method(request.method);
    raw.mutable_http()->set_url(ToStorableText(WebhookUrlToKeep(request.url)));
    raw.mutable_http()->set_body(content.notifications.size() == 1 ? request.body : BodyOf(notification));
    received.messages.push_back(std::move(raw));
    received.external_ids.push_back(notification.external_id);
    received.events.push_back(notification.event);
  }
  return received;
}

providers::HttpReply TrackingReceiver::Acknowledge(std::string_view method) const {
  if (method == "HEAD") return {};
  return {.status = 200, .content_type = "application/json", .body = "{}"};
}

}  // namespace trunkline::tracking
