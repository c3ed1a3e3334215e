// Webhooks at TrackDrive: subscriptions, one for each event.
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/trackdrive/account_settings.h"
#include "libs/tracking/trackdrive/client.h"
#include "libs/tracking/webhook_modes.h"
#include "libs/tracking/webhook_url.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::trackdrive {
namespace {

using nlohmann::json;

constexpr int kMostPages = 100;

struct Subscription {
  std::string_view event;
  bool live;  // of a call that goes on
};
constexpr Subscription kSubscriptions[] = {{"call_ended", false},
                                           {"call_changed", false},
                                           {"new_call", true},
                                           {"call_ringing", true},
                                           {"call_forwarded", true}};

std::string IdOf(const json& subscriptions, const WebhookEntry& entry) {
  for (const json& subscription : subscriptions) {
    if (MemberText(subscription, "target_url") == entry.url && MemberText(subscription, "event") == entry.event) {
      return MemberText(subscription, "id");
    }
  }
  return {};
}

}  // namespace

std::vector<WebhookEntry> WebhookEntriesOf(const Account& account, std::string_view public_url) {
  std::vector<WebhookEntry> entries;
  for (const Subscription& subscription : kSubscriptions) {
    if (subscription.live && !WantsLiveEvents(account)) continue;
    const WebhookUrl url{.platform = std::string(kPlatform),
                         .account_id = account.id,
                         .event = std::string(subscription.event),
                         .token = account.Credential(kWebhookToken)};
    entries.push_back({.event = url.event, .label = url.event, .url = url.Render(public_url)});
  }
  return entries;
}

absl::StatusOr<json> Client::ListSubscriptions(const Account& account, Receipt* receipt) {
  json all = json::array();
  std::optional<Position> position;
  for (int i = 0; i < kMostPages; ++i) {
    TL_ASSIGN_OR_RETURN(Listed listed, GetPage(account, "/subscriptions", "GET /subscriptions",
                                               {"subscriptions", "webhook_subscriptions"}, {}, position, receipt));
    for (json& item : listed.items) all.push_back(std::move(item));
    if (!listed.next.has_value()) return all;
    position = listed.next;
  }
  return session_.Fail(v1::TRACKING_ERROR_CODE_CURSOR_LOOP, "the list of subscriptions does not end");
}

absl::StatusOr<WebhookRegistration> Client::RegisterWebhooks(const Account& account) {
  WebhookRegistration registration{.entries = WebhookEntriesOf(account, public_url_)};
  Receipt receipt;
  TL_ASSIGN_OR_RETURN(const json there, ListSubscriptions(account, &receipt));
  for (WebhookEntry& entry : registration.entries) {
    entry.external_id = IdOf(there, entry);
    if (!entry.external_id.empty()) continue;
    TL_ASSIGN_OR_RETURN(const ApiAnswer answer,
                        Send(account, "POST", "/subscriptions", "POST /subscriptions",
                             {{"target_url", entry.url}, {"event", entry.event}}, /*once_only=*/false, &receipt));
    const json* made = FindMember(answer.body, "subscription");
    if (made != nullptr) entry.external_id = MemberText(*made, "id");
    if (entry.external_id.empty()) {
      return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no subscription");
    }
  }
  return registration;
}

absl::StatusOr<WebhookRegistration> Client::UnregisterWebhooks(const Account& account,
                                                               const WebhookRegistration& registration) {
  WebhookRegistration left;
  Receipt receipt;
  for (const WebhookEntry& entry : registration.entries) {
    if (entry.external_id.empty()) {
      left.entries.push_back(entry);
      continue;
    }
    absl::Status status = Send(account, "DELETE", Concat("/subscriptions/", PercentEncode(entry.external_id)),
                               "DELETE /subscriptions/{id}", json(), /*once_only=*/false, &receipt)
                              .status();
    if (!status.ok() && status.code() != absl::StatusCode::kNotFound) return status;
  }
  left.person_needed = !left.entries.empty();
  return left;
}

absl::StatusOr<Answer<std::vector<WebhookDelivery>>> Client::ListDeliveries(const Account& account,
                                                                            std::string_view external_id) {
  Answer<std::vector<WebhookDelivery>> deliveries;
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer,
                      Get(account, Concat("/calls/", PercentEncode(external_id), "/events"), "GET /calls/{id}/events",
                          Resource::kCallDetail, {}, &deliveries.receipt));
  const json* events = FindMember(answer.body, "events");
  if (events == nullptr || !events->is_array()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no events");
  }
  for (const json& event : *events) {
    const WebhookUrl url = ReadWebhookUrl(MemberText(event, "request_url"));
    const bool is_ours = url.platform == kPlatform && (url.account_id.empty() || url.account_id == account.id);
    if (MemberText(event, "type") != "WebhookLog" || !is_ours) continue;
    const int64_t code = ParseInt(MemberText(event, "code")).value_or(0);
    deliveries.value.push_back({.event = url.event,
                                .sent_at = ParseTime(MemberText(event, "finished_at")).time,
                                .delivered = code >= 200 && code < 300,
                                .http_status = static_cast<int>(code >= 0 && code < 1000 ? code : 0)});
  }
  return deliveries;
}

}  // namespace trunkline::tracking::trackdrive
