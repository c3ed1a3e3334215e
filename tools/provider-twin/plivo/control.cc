#include "tools/provider-twin/plivo/control.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "libs/base/text.h"
#include "tools/provider-twin/connection_overrides.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/control_lists.h"
#include "tools/provider-twin/plivo/signed_webhook.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {
namespace {

constexpr double kPatienceSeconds = 300;

// Requests have "to", webhooks "To".
std::string NumberIn(const Form& params) {
  const auto asked = FindInForm(params, "to");
  return StoredNumber(asked.has_value() ? *asked : FindInForm(params, "To").value_or(""));
}

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
  return http::ErrorResponse(404, "NOT_FOUND", Concat("no ", request.method, " /twin/plivo", path));
}

http::Response Control::PutAccount(std::string_view body) {
  const auto json = ReadObject(body);
  if (!json) return Wrong("the body must be a JSON object");
  Account account;
  account.auth_id = Text(*json, "sid", Text(*json, "auth_id"));
  account.auth_token = Text(*json, "auth_token");
  if ((!account.auth_id.starts_with("MA") && !account.auth_id.starts_with("SA")) || account.auth_token.empty()) {
    return Wrong("sid (MA…) and auth_token are needed");
  }
  account.active = json->value("active", Json(true)) != false;
  for (const Json& number : json->value("numbers", Json::array())) {
    if (number.is_string()) account.numbers.insert(number.get<std::string>());
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
  call->auth_id = account->auth_id;
  call->from = StoredNumber(Text(*json, "from"));
  call->to = StoredNumber(Text(*json, "to"));
  call->answer = {Text(*json, "voice_url"), Text(*json, "voice_method", "POST")};
  call->fallback = {Text(*json, "fallback_url"), Text(*json, "fallback_method", "POST")};
  call->hangup = {Text(*json, "status_callback"), Text(*json, "status_callback_method", "POST")};
  if (!IsUrl(WithoutFragment(call->answer.url))) return Wrong("voice_url must be a URL");
  for (const Json& keys : json->value("digits", Json::array())) {
    if (keys.is_string()) call->digits.push_back(keys.get<std::string>());
  }
  const Json patience = json->value("patience_seconds", Json(kPatienceSeconds));
  if (!patience.is_number() || patience.get<double>() < 0) return Wrong("patience_seconds must be a number");
  exchange_.Receive(call, absl::Seconds(patience.get<double>()));
  return Answer(201, {{"call_sid", call->uuid}, {"account_sid", call->auth_id}});
}

http::Response Control::SendWebhook(std::string_view body) {
  const auto json = ReadObject(body);
  if (!json) return Wrong("the body must be a JSON object");
  const Account* account = json->contains("account") ? accounts_.Find(Text(*json, "account")) : accounts_.Default();
  if (account == nullptr) return Wrong("there is no such account");
  const Target target{Text(*json, "url"), Text(*json, "method", "POST")};
  if (!IsUrl(WithoutFragment(target.url))) return Wrong("url must be a URL");
  const Json given = json->value("params", Json::object());
  auto params = ReadParams(given);
  if (!params) return Wrong("params must be an object of texts");
  const std::string call_sid = Text(given, "CallUUID");
  sender_.Send(MakeSignedWebhook(Text(*json, "kind", "sample"), call_sid, target,
                                 Text(*json, "auth_token", account->auth_token), *std::move(params)));
  return {.status = 202};
}

http::Response Control::HangUp(std::string_view sid) {
  for (const CallPtr& call : store_.calls()) {
    if (call->uuid != sid) continue;
    const bool inbound = call->direction == Direction::kInbound;
    if (call->answered) {
      exchange_.End(call, CallStatus::kCompleted, inbound ? kCallerHungUp : kCalleeHungUp);
    } else {
      exchange_.End(call, inbound ? CallStatus::kCanceled : CallStatus::kBusy, inbound ? kCallerCanceled : kRejected);
    }
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
    if (!Wanted(query, "status", ToText(call->status)) || !Wanted(query, "sid", call->uuid)) continue;
    if (!Wanted(query, "direction", ToText(call->direction))) continue;
    Json entry;
    entry["sid"] = call->uuid;
    entry["account_sid"] = call->auth_id;
    entry["parent_sid"] = call->parent_uuid.empty() ? Json(nullptr) : Json(call->parent_uuid);
    entry["from"] = call->from;
    entry["to"] = call->to;
    entry["direction"] = ToText(call->direction);
    entry["status"] = ToText(call->status);
    entry["ended"] = IsFinal(call->status);
    entry["created"] = Time(call->created);
    entry["answered_at"] = TimeOrNull(call->answered);
    entry["ended_at"] = TimeOrNull(call->ended);
    entry["duration_seconds"] = call->duration_seconds;
    entry["played"] = ToStorableText(call->played);
    entry["sent_digits"] = ToStorableText(call->sent_digits);
    entry["end_reason"] = call->cause.name;
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

}  // namespace trunkline::twin::plivo
