// Webhooks whose URL and body are templates with tokens in brackets, [like_this], as people enter them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/provider-twin/tracking/account.h"
#include "tools/provider-twin/webhook.h"

namespace trunkline::twin::tracking {

// The value of a token, without its brackets.
using TokenValues = std::function<std::string(std::string_view token)>;

// Percent-encoded where it is a URL; a JSON text's inside where it is a body.
enum class TemplateOf { kUrl, kBody };
std::string FillTemplate(std::string_view text, TemplateOf kind, const TokenValues& values);

// Of the active hooks that `wants` the event, in their order.
std::vector<std::pair<uint16_t, Webhook>> WebhooksOf(const Account& account, uint32_t call,
                                                     const std::function<bool(const Hook&)>& wants,
                                                     const TokenValues& values);

// For the log; the sender sends once, since no platform documents that it tries again.
Webhook MakeWebhook(const Account& account, uint32_t call, const Hook& hook);

}  // namespace trunkline::twin::tracking
