#include "tools/provider-twin/exotel/control.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/control_lists.h"
#include "tools/provider-twin/exotel/wire_format.h"

namespace trunkline::twin::exotel {
namespace {

constexpr double kPatienceSeconds = 300;

std::string NumberIn(const Form& params) { return std::string(FindInForm(params, "To").value_or("")); }

bool IsUrl(std::string_view text) { return text.starts_with("http://") || text.starts_with("https://"); }

}  // namespace

http::Response Control::Handle(std::string_view path, const http::Request& request) {
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (get && path == "/requests") return ListRequests(rest_api_.log(), request.Query(), NumberIn);
  if (get && path == "/calls") return Calls(request.Query());
  if (get && path == "/webhooks") return ListWebhooks(sender_, request.Query(), NumberIn);
  if (get && path == "/stats") return Stats();
  if (post && path == "/accounts") return PutAccount(request.body);
  if (post && path == "/flows") return PutFlow(request.body);
  if (post && path == "/inbound") return Receive(request.body);
  if (post && path == "/webhook") return SendWebhook(request.body);
  if (post && path.starts_with("/calls/") && path.ends_with("/hangup")) {
    return HangUp(path.substr(7, path.size() - 7 - 7));
  }
  return http::ErrorResponse(404, "NOT_FOUND", Concat("no ", request.method, " /twin/exotel", path));
}

http::Response Control::PutAccount(std::string_view body) {
  const auto json = ReadObject(body);
  if (!json) return Wrong("the body must be a JSON object");
  Account account{Text(*json, "sid"), Text(*json, "api_key"), Text(*json, "api_token")};
  if (account.sid.empty() || account.api_key.empty() || account.api_token.empty()) {
    return Wrong("sid, api_key and api_token are needed");
  }
  accounts_.Put(std::move(account));
  return {.status = 204};
}

http::Response Control::PutFlow(std::string_view body) {
  const auto json = ReadObject(body);
  if (!json) return Wrong("the body must be a JSON object");
  const std::string app_id = Text(*json, "app_id");
  const std::string url = Text(*json, "passthru_url");
  if (app_id.empty() || !IsUrl(url)) return Wrong("app_id and passthru_url are needed");
  rest_api_.PutFlow(app_id, {.passthru_url = url});
  return {.status = 204};
}

http::Response Control::Receive(std::string_view body) {
  const auto json = ReadObject(body);
  if (!json) return Wrong("the body must be a JSON object");
  const Account* account = json->contains("account") ? accounts_.Find(Text(*json, "account")) : accounts_.Default();
  if (account == nullptr) return Wrong("there is no such account");
  auto call = std::make_shared<Call>();
  call->account_sid = account->sid;
  call->from = Text(*json, "from");
  call->to = Text(*json, "to");
  call->exophone = call->to;
  call->passthru_url = Text(*json, "voice_url");
  call->end_url = Text(*json, "status_callback");
  if (!IsUrl(call->passthru_url)) return Wrong("voice_url must be a URL");
  for (const Json& keys : json->value("digits", Json::array())) {
    if (keys.is_string()) call->digits.push_back(keys.get<std::string>());
  }
  const Json patience = json->value("patience_seconds", Json(kPatienceSeconds));
  if (!patience.is_number() || patience.get<double>() < 0) return Wrong("patience_seconds must be a number");
  call->patience = absl::Seconds(patience.get<double>());
  exchange_.Receive(call);
  return Answer(201, {{"call_sid", call->sid}, {"account_sid", call->account_sid}});
}

http::Response Control::SendWebhook(std::string_view body) {
  const auto json = ReadObject(body);
  if (!json) return Wrong("the body must be a JSON object");
  const std::string url = Text(*json, "url");
  if (!IsUrl(url)) return Wrong("url must be a URL");
  const Json params = json->value("params", Json::object());
  if (!params.is_object()) return Wrong("params must be an object");
  Webhook webhook = Notification(Text(*json, "kind", "sample"), Text(params, "CallSid"), url);
  webhook.method = Text(*json, "method", "POST");
  for (const auto& [name, value] : params.items()) {
    webhook.params.emplace_back(name, value.is_string() ? value.get<std::string>() : WriteJson(value));
  }
  const std::string type = Text(*json, "content_type", "application/json");
  if (webhook.method == "GET") {
    webhook.url = Concat(url, url.find('?') == std::string::npos ? "?" : "&", EncodeForm(webhook.params));
  } else {
    webhook.headers = {{"Content-Type", type}};
    webhook.body = type == "application/json" ? WriteJson(params) : EncodeForm(webhook.params);
  }
  sender_.Send(std::move(webhook));
  return {.status = 202};
}

http::Response Control::HangUp(std::string_view sid) {
  const CallPtr call = exchange_.Find("", sid);
  if (call == nullptr) return http::ErrorResponse(404, "NOT_FOUND", "there is no such call");
  exchange_.HangUp(call);
  return {.status = 204};
}

http::Response Control::Calls(std::string_view query_text) const {
  const Form query = ParseForm(query_text);
  const Window window = ReadWindow(query);
  std::vector<Json> entries;
  for (const CallPtr& call : exchange_.calls()) {
    const std::string from = call->inbound ? call->from : call->exophone;
    const std::string& to = call->DialedNumber();
    const std::string direction = call->inbound ? "inbound" : "outbound-api";
    if (call->created < window.since || !Wanted(query, "to", to) || !Wanted(query, "from", from)) continue;
    if (!Wanted(query, "status", call->status) || !Wanted(query, "sid", call->sid)) continue;
    if (!Wanted(query, "direction", direction)) continue;
    Json entry;
    entry["sid"] = call->sid;
    entry["account_sid"] = call->account_sid;
    entry["parent_sid"] = nullptr;
    entry["from"] = from;
    entry["to"] = to;
    entry["direction"] = direction;
    entry["status"] = call->status;
    entry["ended"] = IsFinal(call->status);
    entry["created"] = Time(call->created);
    entry["answered_at"] = TimeOrNull(call->answered);
    entry["ended_at"] = TimeOrNull(call->ended);
    entry["duration_seconds"] = call->talk_seconds;
    entry["answered_by"] = call->answered_by;
    entry["end_reason"] = call->end_reason;
    entry["custom_field"] = ToStorableText(call->custom_field);
    entry["campaign_sid"] = call->campaign_sid.empty() ? Json(nullptr) : Json(call->campaign_sid);
    entries.push_back(std::move(entry));
  }
  return Answer(200, {{"calls", LastOf(std::move(entries), window.limit)},
                      {"forgotten", exchange_.added() - static_cast<int64_t>(exchange_.calls().size())}});
}

http::Response Control::Stats() const {
  const auto live = std::count_if(exchange_.calls().begin(), exchange_.calls().end(),
                                  [](const CallPtr& call) { return !IsFinal(call->status); });
  return ShowStats(exchange_.added(), live, sender_, rest_api_.log());
}

}  // namespace trunkline::twin::exotel
