#include "tools/provider-twin/control_lists.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/base/json.h"
#include "libs/base/text.h"

namespace trunkline::twin {

http::Response ListRequests(const RestLog& log, std::string_view query_text, const NumberOf& number_of) {
  const Form query = ParseForm(query_text);
  const Window window = ReadWindow(query);
  std::vector<Json> entries;
  for (const RestRequest& request : log.entries()) {
    if (request.time < window.since || !Wanted(query, "method", request.method)) continue;
    if (!Wanted(query, "to", number_of(request.params))) continue;
    Json entry;
    entry["time"] = Time(request.time);
    entry["method"] = request.method;
    entry["path"] = ToStorableText(request.path);
    entry["params"] = RenderForm(request.params);
    entry["status"] = request.status;
    entry["call_sid"] = request.call_id.empty() ? Json(nullptr) : Json(request.call_id);
    entries.push_back(std::move(entry));
  }
  return Answer(200, {{"requests", LastOf(std::move(entries), window.limit)}, {"forgotten", log.dropped()}});
}

http::Response ListWebhooks(const WebhookSender& sender, std::string_view query_text, const NumberOf& number_of) {
  const Form query = ParseForm(query_text);
  const Window window = ReadWindow(query);
  std::vector<Json> entries;
  for (const auto& record : sender.log().entries()) {
    const Webhook& webhook = record->webhook;
    if (record->created < window.since || !Wanted(query, "kind", webhook.kind)) continue;
    if (!Wanted(query, "call_sid", webhook.call_id) || !Wanted(query, "to", number_of(webhook.params))) continue;
    Json entry;
    entry["time"] = Time(record->created);
    entry["kind"] = webhook.kind;
    entry["call_sid"] = webhook.call_id;
    entry["method"] = webhook.method;
    entry["url"] = webhook.url;
    entry["params"] = RenderForm(webhook.params);
    entry["attempts"] = record->attempts;
    entry["status"] = record->status == 0 ? Json(nullptr) : Json(record->status);
    entry["error"] = record->error.empty() ? Json(nullptr) : Json(ToStorableText(record->error));
    entry["dropped"] = record->dropped;
    entry["duplicated"] = record->duplicated;
    entry["done"] = record->done;
    entries.push_back(std::move(entry));
  }
  return Answer(200, {{"webhooks", LastOf(std::move(entries), window.limit)}, {"forgotten", sender.log().dropped()}});
}

http::Response ShowStats(int64_t calls, int64_t live, const WebhookSender& sender, const RestLog& log) {
  const auto undelivered = std::count_if(sender.log().entries().begin(), sender.log().entries().end(),
                                         [](const auto& record) { return !record->done; });
  return Answer(200, {{"calls", calls},
                      {"live_calls", live},
                      {"webhook_requests", sender.sent()},
                      {"webhooks_under_way", undelivered},
                      {"rest_requests", log.dropped() + static_cast<int64_t>(log.entries().size())}});
}

std::optional<Form> ReadParams(const Json& object) {
  if (!object.is_object()) return std::nullopt;
  const auto text_of = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : WriteJson(value);
  };
  Form params;
  for (const auto& [name, value] : object.items()) {
    if (value.is_array()) {
      for (const Json& piece : value) params.emplace_back(name, text_of(piece));
    } else {
      params.emplace_back(name, text_of(value));
    }
  }
  return params;
}

}  // namespace trunkline::twin
