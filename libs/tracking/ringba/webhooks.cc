// Webhooks at Ringba are pixels, entered by a person, or as event callbacks where the account's API has them.
#include <algorithm>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/tracking/exact_json.h"
#include "libs/tracking/ringba/account_settings.h"
#include "libs/tracking/ringba/client.h"
#include "libs/tracking/webhook_modes.h"
#include "libs/tracking/webhook_url.h"

namespace trunkline::tracking::ringba {
namespace {

using nlohmann::json;

struct Pixel {
  std::string_view event;
  std::string_view label;  // "Fire pixel on"
  std::string_view code;   // of the API; a guess after the names of call events
  std::string_view query;
};
constexpr Pixel kPixels[] = {
    {"incoming", "Incoming", "IncomingCall",
     "call_id=[Call:InboundCallId]&caller=[tag:InboundNumber:Number]&number=[tag:DialedNumber:Number]"
     "&campaign_id=[tag:Campaign:Id]&publisher_id=[tag:Publisher:Id]"},
    {"connected", "Connected (Answered)", "ConnectedCall", "call_id=[Call:InboundCallId]&target_id=[tag:Target:Id]"},
    {"finalized", "Finalized", "FinalizedCall",
     "call_id=[Call:InboundCallId]&length=[tag:CallLength:Total]&connected_length=[tag:CallLength:FromConnect]"},
    {"converted", "Converted", "ConvertedCall", "call_id=[Call:InboundCallId]&revenue=[Call:ConversionAmount]"},
    {"payout", "Payout", "PayoutCall",
     "call_id=[Call:InboundCallId]&revenue=[Call:ConversionAmount]&payout=[Call:ConversionPayout]"},
    {"recording", "Recording", "CallRecording", "call_id=[Call:InboundCallId]&recording_url=[Call:RecordingUrl]"},
};

// The list of an answer whose root is not documented.
json CallbacksIn(const json& body) {
  for (const std::string_view root : {"eventCallBacks", "eventCallbacks", "EventCallBacks"}) {
    const json* list = FindMember(body, root);
    if (list != nullptr && list->is_array()) return *list;
  }
  return body.is_array() ? body : json::array();
}

// The code of an event: of a pixel that is there already, whose code begins so; else the usual one.
std::string CodeFor(const WebhookEntry& entry, const json& there) {
  for (const json& callback : there) {
    const std::string code = MemberText(callback, "eventCode");
    if (Lower(code).starts_with(entry.event)) return code;
  }
  const auto* pixel = std::find_if(std::begin(kPixels), std::end(kPixels),
                                   [&](const Pixel& known) { return known.event == entry.event; });
  return pixel == std::end(kPixels) ? std::string() : std::string(pixel->code);
}

bool HasNoCallbacks(const absl::Status& status) {
  switch (CodeOf(status)) {
    case v1::TRACKING_ERROR_CODE_FORBIDDEN:
    case v1::TRACKING_ERROR_CODE_NOT_FOUND:
    case v1::TRACKING_ERROR_CODE_VALIDATION_FAILED:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::vector<WebhookEntry> WebhookEntriesOf(const Account& account, std::string_view public_url) {
  std::vector<WebhookEntry> entries;
  for (const Pixel& pixel : kPixels) {
    const WebhookUrl url{.platform = std::string(kPlatform),
                         .account_id = account.id,
                         .event = std::string(pixel.event),
                         .token = account.Credential(kWebhookToken)};
    entries.push_back({.event = std::string(pixel.event),
                       .label = std::string(pixel.label),
                       .url = url.Render(public_url, pixel.query)});
  }
  return entries;
}

absl::Status Client::LinkEventCallback(const Account& account, std::string_view id, std::string_view verb,
                                       Receipt* receipt) {
  for (const std::string& campaign : PiecesOf(account, kWebhookCampaigns)) {
    TL_RETURN_IF_ERROR(Ask(account,
                           {.method = "PATCH",
                            .path = Concat("/campaigns/", PercentEncode(campaign), "/", verb),
                            .endpoint = verb == "link" ? "PATCH /campaigns/{id}/link" : "PATCH /campaigns/{id}/unlink",
                            .body = {{"memberName", "eventCallBacks"}, {"memberId", std::string(id)}}},
                           receipt)
                           .status());
  }
  return absl::OkStatus();
}

absl::Status Client::CreateEventCallback(const Account& account, const json& there, WebhookEntry* entry,
                                         Receipt* receipt) {
  for (const json& callback : there) {
    if (MemberText(callback, "pixelUrl") == entry->url) entry->external_id = MemberText(callback, "id");
  }
  if (entry->external_id.empty()) {
    json body = {{"name", Concat("Trunkline ", entry->event)},
                 {"pixelUrl", entry->url},
                 {"eventCode", CodeFor(*entry, there)},
                 {"method", "GET"}};
    const std::string key = account.Credential(kWebhookKey);
    if (!key.empty()) {
      const std::string header = account.Setting("webhook_key_header");
      body["headers"] = {{header.empty() ? "X-Webhook-Key" : header, key}};
    }
    if (!account.Credential(kWebhookUsername).empty()) {
      body["basicAuthUsername"] = account.Credential(kWebhookUsername);
      body["basicAuthPassword"] = account.Credential(kWebhookPassword);
    }
    TL_ASSIGN_OR_RETURN(
        const ApiAnswer answer,
        Ask(account,
            {.method = "POST", .path = "/EventCallBacks", .endpoint = "POST /EventCallBacks", .body = std::move(body)},
            receipt));
    const json* made = FindMember(answer.body, "eventCallBack");
    entry->external_id = MemberText(made != nullptr ? *made : answer.body, "id");
    if (entry->external_id.empty()) {
      return session_.Fail(v1::TRACKING_ERROR_CODE_BAD_RESPONSE, "the answer holds no event callback");
    }
  }
  return LinkEventCallback(account, entry->external_id, "link", receipt);
}

absl::StatusOr<WebhookRegistration> Client::RegisterWebhooks(const Account& account) {
  WebhookRegistration by_hand{.person_needed = true, .entries = WebhookEntriesOf(account, public_url_)};
  if (!RegistersEventCallbacks(account)) return by_hand;
  Receipt receipt;
  const absl::StatusOr<ApiAnswer> answer =
      Ask(account, {.path = "/EventCallBacks", .endpoint = "GET /EventCallBacks"}, &receipt);
  if (!answer.ok()) {
    if (HasNoCallbacks(answer.status())) return by_hand;
    return answer.status();
  }
  const json there = CallbacksIn(answer->body);
  WebhookRegistration registration{.entries = WebhookEntriesOf(account, public_url_)};
  for (WebhookEntry& entry : registration.entries) {
    absl::Status created = CreateEventCallback(account, there, &entry, &receipt);
    if (created.ok()) continue;
    if (!HasNoCallbacks(created)) return created;
    // An event that the platform does not take over the API is for a person.
    registration.person_needed = true;
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
    absl::Status unlinked = LinkEventCallback(account, entry.external_id, "unlink", &receipt);
    if (!unlinked.ok() && !HasNoCallbacks(unlinked)) return unlinked;
    absl::Status deleted = Ask(account,
                               {.method = "DELETE",
                                .path = Concat("/EventCallBacks/", PercentEncode(entry.external_id)),
                                .endpoint = "DELETE /EventCallBacks/{id}"},
                               &receipt)
                               .status();
    if (!deleted.ok() && deleted.code() != absl::StatusCode::kNotFound) return deleted;
  }
  left.person_needed = !left.entries.empty();
  return left;
}

}  // namespace trunkline::tracking::ringba
