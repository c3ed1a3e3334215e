// What the control API shows of every provider that is spoken to over HTTP: its requests, its webhooks, and counts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "libs/base/encoding.h"
#include "libs/http/message.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/rest_log.h"
#include "tools/provider-twin/webhook_sender.h"

namespace trunkline::twin {

// The number that the parameters of a request or of a webhook call, as the provider's calls have it; ?to= asks for it.
using NumberOf = std::function<std::string(const Form& params)>;

// Filtered by ?method=, ?to= and what ReadWindow() knows.
http::Response ListRequests(const RestLog& log, std::string_view query, const NumberOf& number_of);
// Filtered by ?kind=, ?call_sid=, ?to= and what ReadWindow() knows.
http::Response ListWebhooks(const WebhookSender& sender, std::string_view query, const NumberOf& number_of);
// `calls` were ever made, of which `live` have not ended.
http::Response ShowStats(int64_t calls, int64_t live, const WebhookSender& sender, const RestLog& log);

// The members of an object as the parameters of a form; a list is a repeated one. Nothing when it is no object.
std::optional<Form> ReadParams(const Json& object);

}  // namespace trunkline::twin
