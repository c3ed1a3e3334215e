#include "libs/providers/twilio/webhook_urls.h"

#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::twilio {
namespace {

std::string Render(std::string_view public_url, std::string_view event, std::string_view account_id,
                   std::string_view call_id, std::string_view step) {
  const WebhookUrl url{.provider = std::string(kProviderName),
                       .event = std::string(event),
                       .account_id = std::string(account_id),
                       .call_id = std::string(call_id),
                       .step = std::string(step)};
  return url.Render(public_url);
}

}  // namespace

std::string WebhookUrls::ForPlan(std::string_view event, std::string_view step) const {
  return Concat(Render(public_url_, event, account_id_, call_id_, step), kPlanRetries);
}

std::string WebhookUrls::ForNews(std::string_view event) const {
  return Concat(Render(public_url_, event, account_id_, call_id_, {}), kNewsRetries);
}

std::string WebhookUrls::ForChildLeg() const {
  Form query = {{std::string(kLegParameter), std::string(kChildLeg)}};
  if (!call_id_.empty()) query.emplace_back(kParentParameter, call_id_);
  return Concat(Render(public_url_, "status", account_id_, {}, {}), account_id_.empty() ? "?" : "&", EncodeForm(query),
                kNewsRetries);
}

}  // namespace trunkline::providers::twilio
