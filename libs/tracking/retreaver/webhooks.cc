// Webhooks at Retreaver: entered by a person, or, the one at the start of a call, as a timer of a campaign.
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/redaction.h"
#include "libs/tracking/retreaver/account_settings.h"
#include "libs/tracking/retreaver/client.h"
#include "libs/tracking/webhook_modes.h"
#include "libs/tracking/webhook_url.h"
#include "libs/tracking/wire_values.h"

namespace trunkline::tracking::retreaver {
namespace {

using nlohmann::json;

struct Template {
  std::string_view event;
  std::string_view label;
  std::string_view query;
};
constexpr Template kTemplates[] = {
    {"start", "Start",
     "call_uuid=[call_uuid]&caller_number=[caller_number]&called_number=[called_number]&campaign_id=[campaign_id]"
     "&affiliate_id=[affiliate_id]&sub_id=[sub_id]"},
    {"answered", "Answered", "call_uuid=[call_uuid]&caller_number=[caller_number]"},
    {"ended", "End of call, after all pixels",
     "call_uuid=[call_uuid]&caller_number=[caller_number]&called_number=[called_number]"
     "&call_duration=[call_duration]&recording_url=[call_recording_url]"},
    {"converted", "Conversion", "call_uuid=[call_uuid]"},
};

json TimersOf(const json& campaign) {
  json timers = json::array();
  const json* listed = FindMember(campaign, "timers");
  if (listed == nullptr || !listed->is_array()) return timers;
  for (const json& element : *listed) {
    const json* wrapped = FindMember(element, "timer");
    timers.push_back(wrapped != nullptr ? *wrapped : element);
  }
  return timers;
}

std::string IdOfTimer(const json& timers, std::string_view url) {
  for (const json& timer : timers) {
    if (MemberText(timer, "url") == url) return MemberText(timer, "id");
  }
  return {};
}

json Attributes(const json& timer) {
  return {{"seconds", ParseSeconds(MemberText(timer, "seconds")).value_or(0)}, {"url", MemberText(timer, "url")}};
}

}  // namespace

std::vector<WebhookEntry> WebhookEntriesOf(const Account& account, std::string_view public_url) {
  std::vector<WebhookEntry> entries;
  for (const Template& known : kTemplates) {
    WebhookUrl url{.platform = std::string(kPlatform),
                   .account_id = account.id,
                   .event = std::string(known.event),
                   .token = account.Credential(kWebhookToken)};
    entries.push_back({.event = std::string(known.event),
                       .label = std::string(known.label),
                       .url = url.Render(public_url, known.query)});
  }
  return entries;
}

absl::StatusOr<json> Client::FetchRawCampaign(const Account& account, std::string_view cid, Receipt* receipt) {
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer, Get(account, Concat("/campaigns/cid/", PercentEncode(cid), ".json"),
                                                  "GET /campaigns/cid/{cid}.json", Resource::kOther, {}, receipt));
  const json* campaign = FindMember(answer.body, "campaign");
  if (campaign == nullptr) return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no campaign");
  return *campaign;
}

absl::StatusOr<WebhookRegistration> Client::RegisterWebhooks(const Account& account) {
  WebhookRegistration registration{.person_needed = true, .entries = WebhookEntriesOf(account, public_url_)};
  if (!RegistersTimers(account)) return registration;
  const std::string cid = account.Setting(kWebhookCampaign);
  WebhookEntry& start = registration.entries[0];
  Receipt receipt;
  TL_ASSIGN_OR_RETURN(const json before, FetchRawCampaign(account, cid, &receipt));
  start.external_id = IdOfTimer(TimersOf(before), start.url);
  if (!start.external_id.empty()) return registration;
  // Without destroy_nested the campaign keeps the timers that it has.
  const json body = {{"campaign", {{"timers_attributes", json::array({{{"seconds", 0}, {"url", start.url}}})}}}};
  TL_ASSIGN_OR_RETURN(const ApiAnswer answer,
                      Send(account, "PUT", Concat("/campaigns/cid/", PercentEncode(cid), ".json"),
                           "PUT /campaigns/cid/{cid}.json", body, /*once_only=*/false, &receipt));
  const json* campaign = FindMember(answer.body, "campaign");
  if (campaign != nullptr) start.external_id = IdOfTimer(TimersOf(*campaign), start.url);
  if (start.external_id.empty()) {
    return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the campaign does not show the new timer");
  }
  return registration;
}

absl::StatusOr<WebhookRegistration> Client::UnregisterWebhooks(const Account& account,
                                                               const WebhookRegistration& registration) {
  WebhookRegistration left{.person_needed = true};
  std::string timer_id;
  for (const WebhookEntry& entry : registration.entries) {
    if (entry.external_id.empty()) {
      left.entries.push_back(entry);
    } else {
      timer_id = entry.external_id;
    }
  }
  left.person_needed = !left.entries.empty();
  if (timer_id.empty()) return left;
  const std::string cid = account.Setting(kWebhookCampaign);
  Receipt receipt;
  TL_ASSIGN_OR_RETURN(const json campaign, FetchRawCampaign(account, cid, &receipt));
  json kept = json::array();
  bool is_there = false;
  for (const json& timer : TimersOf(campaign)) {
    const bool is_ours = MemberText(timer, "id") == timer_id;
    is_there = is_there || is_ours;
    if (!is_ours) kept.push_back(Attributes(timer));
  }
  if (!is_there) return left;
  const json body = {{"campaign", {{"destroy_nested", true}, {"timers_attributes", kept}}}};
  TL_RETURN_IF_ERROR(Send(account, "PUT", Concat("/campaigns/cid/", PercentEncode(cid), ".json"),
                          "PUT /campaigns/cid/{cid}.json", body, /*once_only=*/false, &receipt)
                         .status());
  return left;
}

absl::StatusOr<Answer<std::vector<WebhookDelivery>>> Client::ListDeliveries(const Account& account,
                                                                            std::string_view external_id) {
  Answer<std::vector<WebhookDelivery>> deliveries;
  TL_ASSIGN_OR_RETURN(const json call, FetchRawCall(account, external_id, &deliveries.receipt));
  const json* pixels = FindMember(call, "fired_pixels");
  if (pixels == nullptr || !pixels->is_array()) return deliveries;
  for (const json& element : *pixels) {
    const json* inner = FindMember(element, "fired_pixel");
    const json& pixel = inner != nullptr ? *inner : element;
    const WebhookUrl url = ReadWebhookUrl(MemberText(pixel, "url"));
    if (url.platform != kPlatform || (!url.account_id.empty() && url.account_id != account.id)) continue;
    deliveries.value.push_back({.event = url.event,
                                .sent_at = ParseTime(MemberText(pixel, "fired_at")).time,
                                .delivered = MemberText(pixel, "status") == "fired"});
  }
  return deliveries;
}

}  // namespace trunkline::tracking::retreaver
