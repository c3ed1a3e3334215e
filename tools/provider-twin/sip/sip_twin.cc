#include "tools/provider-twin/sip/sip_twin.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "libs/base/encoding.h"
#include "libs/base/json.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "tools/provider-twin/control_json.h"
#include "tools/provider-twin/sip/pbx_webhook.h"

namespace trunkline::twin::sip {
namespace {

constexpr size_t kUsualLimit = 1000;

// An empty body is an empty object.
std::optional<Json> ReadOptions(std::string_view body) { return ReadObject(Trim(body).empty() ? "{}" : body); }

double Number(const Json& json, const char* name, double fallback) {
  const auto member = json.find(name);
  return member != json.end() && member->is_number() ? member->get<double>() : fallback;
}

}  // namespace

SipTwin::SipTwin(World& world, WebhookTransport& transport) : world_(world), sender_(world, transport), front_(world) {}

absl::Status SipTwin::Listen(const AmiPorts& ports) {
  TL_ASSIGN_OR_RETURN(const Certificate certificate, MakeCertificate());
  address_ = ports.address;
  certificate_ = certificate.certificate_pem;
  PeerEvents events;
  events.opened = [this](const std::shared_ptr<Peer>& peer) { front_.Opened(peer); };
  events.received = [this](const std::shared_ptr<Peer>& peer, const std::string& bytes) {
    front_.Received(peer, bytes);
  };
  events.closed = [this](const std::shared_ptr<Peer>& peer) { front_.Closed(peer); };
  TL_ASSIGN_OR_RETURN(server_, AmiServer::Start(world_.scheduler, ports.address, ports.port, ports.tls_port,
                                                certificate, std::move(events)));
  return absl::OkStatus();
}

absl::Status SipTwin::AddAccount(std::string_view description) {
  const size_t colon = description.find(':');
  if (colon == 0 || colon == std::string_view::npos || colon + 1 == description.size()) {
    return absl::InvalidArgumentError("an account is written user:secret");
  }
  const std::string user(description.substr(0, colon));
  if (default_account_.empty()) default_account_ = user;
  front_.accounts()[user].secret = description.substr(colon + 1);
  return absl::OkStatus();
}

void SipTwin::Serve(const http::Request& /*request*/, http::Responder respond) {
  respond.Send(http::ErrorResponse(404, "NOT_FOUND", "an exchange has no HTTP API"));
}

void SipTwin::Reset() {
  front_.Reset();
  sender_.Reset();
}

http::Response SipTwin::Control(std::string_view path, const http::Request& request) {
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  if (get && path == "/endpoint") return Endpoint();
  if (get && path == "/calls") return Calls(request);
  if (get && path == "/requests") return Requests(request);
  if (get && path == "/placed") return Placed(request);
  if (get && path == "/stats") return Stats();
  if (post && path == "/accounts") return PutAccount(request.body);
  if (post && path == "/inbound") return Receive(request.body);
  if (post && path == "/drop") return Drop(request.body);
  if (post && path == "/webhook") return SendWebhook(request.body);
  const auto parts = Split(path, '/');
  if (post && parts.size() == 4 && parts[1] == "calls") return ActOnCall(parts[2], parts[3], request.body);
  return http::ErrorResponse(404, "NOT_FOUND", Concat("no ", request.method, " /twin/sip", path));
}

http::Response SipTwin::Endpoint() const {
  if (server_ == nullptr) return http::ErrorResponse(404, "NOT_FOUND", "the manager interface does not listen");
  return Answer(200, {{"host", address_},
                      {"port", server_->port()},
                      {"tls_port", server_->tls_port()},
                      {"certificate", certificate_}});
}

http::Response SipTwin::PutAccount(std::string_view body) {
  const auto json = ReadOptions(body);
  const std::string user = json ? Text(*json, "user") : "";
  if (user.empty() || Text(*json, "secret").empty()) return Wrong("user and secret are needed");
  if (default_account_.empty()) default_account_ = user;
  AmiAccount account;
  account.secret = Text(*json, "secret");
  account.active = json->value("active", Json(true)) != false;
  for (const Json& action : json->value("denied", Json::array())) {
    if (action.is_string()) account.denied.insert(Lower(action.get<std::string>()));
  }
  front_.accounts()[user] = std::move(account);
  return {.status = 204};
}

http::Response SipTwin::Receive(std::string_view body) {
  const auto json = ReadOptions(body);
  if (!json) return Wrong("the body must be a JSON object");
  InboundOrder order;
  order.account = Text(*json, "account", default_account_);
  order.from = Text(*json, "from");
  order.to = Text(*json, "to");
  order.agent = Text(*json, "agent", "202");
  if (!front_.accounts().contains(order.account)) return Wrong("there is no such account");
  if (order.from.empty() || order.to.empty()) return Wrong("from and to are needed");
  const double gives_up = Number(*json, "gives_up_seconds", -1);
  if (gives_up >= 0) order.gives_up = absl::Seconds(gives_up);
  const ChannelPtr channel = front_.exchange().Receive(order);
  return Answer(201, {{"call", channel->linkedid}, {"account", order.account}});
}

// All connections end, and some calls while nobody hears it.
http::Response SipTwin::Drop(std::string_view body) {
  const auto json = ReadOptions(body);
  if (!json) return Wrong("the body must be a JSON object");
  front_.Drop();
  auto left = static_cast<int64_t>(Number(*json, "hang_up_while_away", 0));
  Json ended = Json::array();
  for (const ChannelPtr& channel : front_.exchange().channels().OfAccount(Text(*json, "account", default_account_))) {
    if (left <= 0) break;
    if (channel->gone || channel->uniqueid != channel->linkedid) continue;
    front_.exchange().HangUp(channel, 16);
    ended.push_back(channel->linkedid);
    --left;
  }
  return Answer(200, {{"ended", std::move(ended)}});
}

http::Response SipTwin::SendWebhook(std::string_view body) {
  const auto json = ReadOptions(body);
  if (!json) return Wrong("the body must be a JSON object");
  PbxWebhook webhook;
  webhook.url = Text(*json, "url");
  webhook.secret = Text(*json, "secret");
  webhook.user = Text(*json, "user");
  webhook.body = json->contains("raw") ? Text(*json, "raw") : WriteJson(json->value("body", Json::object()));
  const std::string proof = Text(*json, "proof", "none");
  if (proof == "hmac") webhook.proof = Proof::kHmac;
  if (proof == "token") webhook.proof = Proof::kToken;
  if (proof == "digest") webhook.proof = Proof::kDigest;
  if (!webhook.url.starts_with("http")) return Wrong("url must be a URL");
  SendPbxWebhook(world_, sender_, webhook);
  return {.status = 202};
}

http::Response SipTwin::ActOnCall(std::string_view linkedid, std::string_view verb, std::string_view body) {
  const auto json = ReadOptions(body);
  if (!json) return Wrong("the body must be a JSON object");
  const std::vector<ChannelPtr> channels = front_.exchange().channels().OfCall(linkedid);
  if (channels.empty()) return http::ErrorResponse(404, "NOT_FOUND", "there is no such call in progress");
  const bool first = Text(*json, "side", "first") == "first";
  ChannelPtr channel = channels.front();
  for (const ChannelPtr& candidate : channels) {
    if ((candidate->uniqueid == linkedid) == first) channel = candidate;
  }
  Exchange& exchange = front_.exchange();
  if (verb == "hangup") {
    exchange.HangUpByParty(channel);
  } else if (verb == "hold" || verb == "unhold") {
    exchange.SetHold(channel, verb == "hold");
  } else if (verb == "press") {
    exchange.Press(channel, Text(*json, "digit", "1"), /*sent=*/false);
  } else if (verb == "line") {
    exchange.ReportLine(channel, static_cast<int>(Number(*json, "lost", 0)),
                        static_cast<int>(Number(*json, "jitter", 0)), Text(*json, "rtt", "0.0000"));
  } else {
    return http::ErrorResponse(404, "NOT_FOUND", "hangup, hold, unhold, press or line");
  }
  return {.status = 204};
}

http::Response SipTwin::Calls(const http::Request& request) {
  const Form query = ParseForm(request.Query());
  std::map<std::string, Json> calls;
  const std::string account(FindInForm(query, "account").value_or(default_account_));
  for (const ChannelPtr& channel : front_.exchange().channels().OfAccount(account)) {
    Json& call = calls[channel->linkedid];
    call["call"] = channel->linkedid;
    call["channels"].push_back({{"channel", channel->name},
                                {"uniqueid", channel->uniqueid},
                                {"state", StateName(channel->state)},
                                {"number", channel->number},
                                {"context", channel->context},
                                {"exten", channel->exten},
                                {"bridge", channel->bridge},
                                {"recorded", channel->recorded}});
  }
  Json list = Json::array();
  for (auto& [id, call] : calls) list.push_back(std::move(call));
  return Answer(200, {{"calls", std::move(list)}});
}

http::Response SipTwin::Requests(const http::Request& request) const {
  const Form query = ParseForm(request.Query());
  const auto wanted = FindInForm(query, "action");
  const auto limit = ParseInt(FindInForm(query, "limit").value_or(""));
  std::vector<Json> found;
  for (const AmiRequest& entry : front_.log().entries()) {
    if (wanted && !EqualsIgnoreCase(*wanted, entry.action.Get("Action"))) continue;
    Json fields = Json::object();
    for (const auto& [key, value] : entry.action.fields()) {
      // Of a login only who it was.
      if (key != "Key") fields[key] = ToStorableText(value);
    }
    found.push_back({{"time", Time(entry.at)},
                     {"account", entry.account},
                     {"fields", std::move(fields)},
                     {"response", entry.response}});
  }
  const size_t keep = limit && *limit >= 0 ? static_cast<size_t>(*limit) : kUsualLimit;
  if (found.size() > keep) found.erase(found.begin(), found.end() - static_cast<ptrdiff_t>(keep));
  return Answer(200, {{"requests", found}, {"forgotten", front_.log().dropped()}});
}

http::Response SipTwin::Placed(const http::Request& request) const {
  const auto limit = ParseInt(FindInForm(ParseForm(request.Query()), "limit").value_or(""));
  const auto& placed = front_.placed().entries();
  const size_t keep = std::min(placed.size(), limit && *limit >= 0 ? static_cast<size_t>(*limit) : kUsualLimit);
  Json list = Json::array();
  for (auto call = placed.end() - static_cast<ptrdiff_t>(keep); call != placed.end(); ++call) {
    list.push_back({{"time", Time(call->at)}, {"account", call->account}, {"channel", call->channel}});
  }
  return Answer(200, {{"placed", std::move(list)}, {"forgotten", front_.placed().dropped()}});
}

http::Response SipTwin::Stats() {
  size_t live = 0;
  for (const auto& [user, account] : front_.accounts()) live += front_.exchange().channels().OfAccount(user).size();
  return Answer(200, {{"calls", front_.exchange().calls_placed()},
                      {"live_channels", live},
                      {"sessions", front_.sessions()},
                      {"webhook_requests", sender_.sent()}});
}

}  // namespace trunkline::twin::sip
