#include "libs/providers/plivo/webhook_urls.h"

#include "libs/base/encoding.h"
#include "libs/base/text.h"
#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::plivo {

WebhookUrls WebhookUrls::OfBulk(std::string_view public_url, std::string_view account_id, std::string_view bulk_id) {
  WebhookUrls urls(public_url, account_id, {});
  urls.bulk_id_ = bulk_id;
  return urls;
}

WebhookUrls& WebhookUrls::InCurrency(std::string_view currency) {
  currency_ = currency == kDefaultCurrency ? std::string_view() : currency;
  return *this;
}

WebhookUrls& WebhookUrls::AtTurn(std::string_view turn) {
  turn_ = turn;
  return *this;
}

WebhookUrls& WebhookUrls::Recorded(bool recorded) {
  recorded_ = recorded;
  return *this;
}

std::string WebhookUrls::Render(std::string_view event, std::string_view step) const {
  const WebhookUrl url{.provider = std::string(kProviderName),
                       .event = std::string(event),
                       .account_id = account_id_,
                       .call_id = call_id_,
                       .bulk_id = bulk_id_,
                       .step = std::string(step)};
  std::string text = url.Render(public_url_);
  Form more;
  if (!currency_.empty()) more.emplace_back(kCurrencyParameter, currency_);
  if (recorded_) more.emplace_back(kRecordParameter, "1");
  if (!turn_.empty()) more.emplace_back(kTurnParameter, turn_);
  if (more.empty()) return text;
  return Concat(text, text.find('?') == std::string::npos ? "?" : "&", EncodeForm(more));
}

std::string WebhookUrls::ForPlan(std::string_view event, std::string_view step) const {
  return Concat(Render(event, step), kPlanRetries);
}

std::string WebhookUrls::ForNews(std::string_view event) const { return Concat(Render(event, {}), kNewsRetries); }

std::string WebhookUrls::ForStream() const { return Render("stream", {}); }

}  // namespace trunkline::providers::plivo
