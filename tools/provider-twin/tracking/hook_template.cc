#include "tools/provider-twin/tracking/hook_template.h"

#include "libs/base/encoding.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::tracking {

std::string FillTemplate(std::string_view text, TemplateOf kind, const TokenValues& values) {
  std::string filled;
  while (!text.empty()) {
    const size_t open = text.find('[');
    const size_t close = open == std::string_view::npos ? open : text.find(']', open);
    if (close == std::string_view::npos) break;
    filled.append(text.substr(0, open));
    const std::string value = values(text.substr(open + 1, close - open - 1));
    if (kind == TemplateOf::kUrl) {
      filled.append(PercentEncode(value));
    } else {
      const std::string quoted = Quoted(value);
      filled.append(quoted, 1, quoted.size() - 2);
    }
    text.remove_prefix(close + 1);
  }
  return filled.append(text);
}

Webhook MakeWebhook(const Account& account, uint32_t call, const Hook& hook) {
  Webhook webhook;
  webhook.kind = hook.event;
  webhook.call_id = account.book.IdOf(call);
  webhook.method = hook.method;
  webhook.url = hook.url;
  webhook.headers = hook.headers;
  return webhook;
}

std::vector<std::pair<uint16_t, Webhook>> WebhooksOf(const Account& account, uint32_t call,
                                                     const std::function<bool(const Hook&)>& wants,
                                                     const TokenValues& values) {
  std::vector<std::pair<uint16_t, Webhook>> webhooks;
  for (size_t i = 0; i < account.hooks.size(); ++i) {
    const Hook& hook = account.hooks[i];
    if (!hook.active || !wants(hook)) continue;
    Webhook webhook = MakeWebhook(account, call, hook);
    webhook.url = FillTemplate(hook.url, TemplateOf::kUrl, values);
    const size_t query = webhook.url.find('?');
    if (query != std::string::npos) webhook.params = ParseForm(std::string_view(webhook.url).substr(query + 1));
    if (!hook.body.empty()) {
      webhook.body = FillTemplate(hook.body, TemplateOf::kBody, values);
      webhook.headers.emplace_back("Content-Type", hook.content_type);
    }
    webhooks.emplace_back(static_cast<uint16_t>(i), std::move(webhook));
  }
  return webhooks;
}

}  // namespace trunkline::twin::tracking
