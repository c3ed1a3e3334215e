#include "libs/providers/exotel/webhook.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/text.h"
#include "libs/providers/exotel/parameters.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::exotel {
namespace {

bool Has(const Form& form, std::string_view name) { return FindInForm(form, name).has_value(); }

bool HasPrefix(const Form& form, std::string_view prefix) {
  return std::any_of(form.begin(), form.end(), [&](const auto& pair) { return pair.first.starts_with(prefix); });
}

// An agent's state looks like a call's: told apart by the capital letter of its event, and by what goes with it.
bool IsPopup(std::string_view event, const Form& form) {
  if (IsOneOf(FindInForm(form, "EventType").value_or(""), {"Dial", "Ringing", "Answered", "Terminal"})) return true;
  const bool agent_state = IsOneOf(FindInForm(form, "Status").value_or(""), {"busy", "free"}) &&
                           Has(form, "DialWhomNumber") && !HasPrefix(form, "Legs[") && !Has(form, "CallType");
  return agent_state || event == kPopupEvent;
}

bool IsPassthru(std::string_view event, const Form& form) {
  constexpr std::array<std::string_view, 8> kSigns = {"CallType", "CallStatus",  "DialCallStatus", "CallFrom",
                                                      "flow_id",  "CurrentTime", "digits",         "DialWhomNumber"};
  if (std::any_of(kSigns.begin(), kSigns.end(), [&](std::string_view sign) { return Has(form, sign); })) return true;
  if (HasPrefix(form, "Stream[")) return true;
  return !Has(form, "Status") &&
         IsOneOf(event, {kPassthruEvent, kFlowEndEvent, kConnectEvent, kGreetingEvent, kGatherEvent, kBranchEvent});
}

}  // namespace

std::optional<WebhookKind> KindOf(std::string_view event, const Form& parameters) {
  if (Has(parameters, "campaign_sid")) {
    if (Has(parameters, "call_sid")) return WebhookKind::kCampaignCall;
    const bool number = HasPrefix(parameters, "call_sids") || Has(parameters, "to");
    return number ? WebhookKind::kCampaignNumber : WebhookKind::kCampaign;
  }
  if (!Has(parameters, "CallSid")) return std::nullopt;
  if (IsPopup(event, parameters)) return WebhookKind::kPopup;
  if (IsPassthru(event, parameters)) return WebhookKind::kPassthru;
  if (Has(parameters, "Status")) return WebhookKind::kStatus;
  return std::nullopt;
}

std::optional<Webhook> Webhook::Read(const WebhookSource& source) {
  std::optional<Form> parameters = ReadParameters(source.method, source.url, source.content_type, source.body);
  if (!parameters.has_value()) return std::nullopt;
  const std::optional<WebhookKind> kind = KindOf(source.event, *parameters);
  if (!kind.has_value()) return std::nullopt;
  const WebhookUrl url = ReadWebhookUrl(source.url);
  Webhook webhook;
  webhook.kind = *kind;
  webhook.event = std::string(source.event);
  webhook.account_id = std::string(source.account_id);
  webhook.url_call_id = url.call_id;
  webhook.url_bulk_id = url.bulk_id;
  webhook.step = url.step;
  webhook.rules = RulesOf(ParseForm(QueryTextOf(source.url)));
  webhook.parameters = *std::move(parameters);
  webhook.received_at = source.received_at;
  return webhook;
}

std::string_view Webhook::Get(std::string_view name) const { return FindInForm(parameters, name).value_or(""); }

bool Webhook::HasAny(std::string_view prefix) const { return HasPrefix(parameters, prefix); }

bool WantsPlan(const Webhook& webhook) {
  return webhook.kind == WebhookKind::kPassthru &&
         IsOneOf(webhook.event, {kConnectEvent, kGreetingEvent, kGatherEvent, kBranchEvent});
}

}  // namespace trunkline::providers::exotel
