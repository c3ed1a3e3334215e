#include "tools/provider-twin/twilio/control.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/control_lists.h"
#include "tools/provider-twin/twilio/signed_webhook.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

constexpr double kPatienceSeconds = 300;

std::string NumberIn(const Form& params) { return std::string(FindInForm(params, "To").value_or("")); }

}  // namespace

Control::Control(WebhookSender& sender, Accounts& accounts, CallStore& store, Exchange& exchange,
                 const RestApi& rest_api)
    : sender_(sender), accounts_(accounts), store_(store), exchange_(exchange), rest_api_(rest_api) {}

http::Response Control::Handle(std::string_view path, const http::Request& request) {
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (get && path == "/requests") return ListRequests(rest_api_.log(), request.Query(), NumberIn);
  if (get && path == "/calls") return Calls(request.Query());
  if (get && path == "/webhooks") return ListWebhooks(sender_, request.Query(), NumberIn);
  if (get && path == "/stats") return Stats();
  if (post && path == "/accounts") return PutAccount(request.body);
  if (post && path == "/inbound") return Receive(request.body);
  if (post && path == "/webhook") return SendWebhook(request.body);
  if (post && path.starts_with("/calls/") && path.ends_with("/hangup")) {
    return HangUp(path.substr(7, path.size() - 7 - 7));
  }
  return http::ErrorResponse(404, "NOT_FOUND", Concat("no ", request.method, " /twin/twilio", path));
}

http::Response Control::PutAccount(std::string_view body) {
  const auto json = ReadObject(body);
  if (!json) return Wrong("the body must be a JSON object");
  Account account;
  account.sid = Text(*json, "sid");
  account.auth_token = Text(*json, "auth_token");
  if (!account.sid.starts_with("AC") || account.auth_token.empty()) return Wrong("sid (AC…) and auth_token are needed");
  account.active = json->value("active", Json(true)) != false;
  for (const Json& number : json->value("numbers", Json::array())) {
    if (number.is_string()) account.numbers.insert(number.get<std::string>());
  }
  const Json api_keys = json->value("api_keys", Json::object());
  for (const auto& [sid, secret] : api_keys.items()) {
    if (secret.is_string()) account.api_keys[sid] = secret.get<std::string>();
  }
  accounts_.Put(std::move(account));
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
  call->voice = {Text(*json, "voice_url"), Text(*json, "voice_method", "POST")};
  call->fallback = {Text(*json, "fallback_url"), Text(*json, "fallback_method", "POST")};
  call->status_callback = {Text(*json, "status_callback"), Text(*json, "status_callback_method", "POST")};
  if (!IsUrl(call->voice.url)) return Wrong("voice_url must be a URL");
  for (const Json& keys : json->value("digits", Json::array())) {
    if (keys.is_string()) call->digits.push_back(keys.get<std::string>());
  }
  const Json patience = json->value("patience_seconds", Json(kPatienceSeconds));
  if (!patience.is_number() || patience.get<double>() < 0) return Wrong("patience_seconds must be a number");
  exchange_.Receive(call, absl::Seconds(patience.get<double>()));
  return Answer(201, {{"call_sid", call->sid}, {"account_sid", call->account_sid}});
}

http::Response Control::SendWebhook(std::string_view body) {
  const auto json = ReadObject(body);
  if (!json) return Wrong("the body must be a JSON object");
  const Account* account = json->contains("account") ? accounts_.Find(Text(*json, "account")) : accounts_.Default();
  if (account == nullptr) return Wrong("there is no such account");
  const Target target{Text(*json, "url"), Text(*json, "method", "POST")};
  if (!IsUrl(target.url)) return Wrong("url must be a URL");
  const Json given = json->value("params", Json::object());
  auto params = ReadParams(given);
  if (!params) return Wrong("params must be an object of texts");
  const std::string call_sid = Text(given, "CallSid");
  sender_.Send(MakeSignedWebhook(Text(*json, "kind", "sample"), call_sid, target,
                                 Text(*json, "auth_token", account->auth_token), *std::move(params)));
  return {.status = 202};
}

http::Response Control::HangUp(std::string_view sid) {
  for (const CallPtr& call : store_.calls()) {
    if (call->sid != sid) continue;
    const CallStatus status = call->answered                           ? CallStatus::kCompleted
                              : call->direction == Direction::kInbound ? CallStatus::kCanceled
                                                                       : CallStatus::kBusy;
    exchange_.End(call, status, call->answered ? 200 : 603, "hung up by the control API");
    return {.status = 204};
  }
  return http::ErrorResponse(404, "NOT_FOUND", "there is no such call");
}

http::Response Control::Calls(std::string_view query_text) const {
  const Form query = ParseForm(query_text);
  const Window window = ReadWindow(query);
  std::vector<Json> entries;
  for (const CallPtr& call : store_.calls()) {
    if (call->created < window.since || !Wanted(query, "to", call->to) || !Wanted(query, "from", call->from)) continue;
    if (!Wanted(query, "status", ToText(call->status)) || !Wanted(query, "sid", call->sid)) continue;
    if (!Wanted(query, "direction", ToText(call->direction))) continue;
    Json entry;
    entry["sid"] = call->sid;
    entry["account_sid"] = call->account_sid;
    entry["parent_sid"] = call->parent_sid.empty() ? Json(nullptr) : Json(call->parent_sid);
    entry["from"] = call->from;
    entry["to"] = call->to;
    entry["direction"] = ToText(call->direction);
    entry["status"] = ToText(call->status);
    entry["ended"] = IsFinal(call->status);
    entry["created"] = Time(call->created);
    entry["answered_at"] = TimeOrNull(call->answered);
    entry["ended_at"] = TimeOrNull(call->ended);
    entry["duration_seconds"] = call->duration_seconds;
    entry["sip_code"] = call->sip_code;
    entry["answered_by"] = call->answered_by.empty() ? Json(nullptr) : Json(call->answered_by);
    entry["end_reason"] = call->end_reason;
    entries.push_back(std::move(entry));
  }
  return Answer(200, {{"calls", LastOf(std::move(entries), window.limit)},
                      {"forgotten", store_.added() - static_cast<int64_t>(store_.calls().size())}});
}

http::Response Control::Stats() const {
  const auto live = std::count_if(store_.calls().begin(), store_.calls().end(),
                                  [](const CallPtr& call) { return !IsFinal(call->status); });
  return ShowStats(store_.added(), live, sender_, rest_api_.log());
}

}  // namespace trunkline::twin::twilio
