#include "tools/provider-twin/trackdrive/account_requests.h"

#include <algorithm>
#include <array>
#include <vector>

#include "libs/base/text.h"
#include "tools/provider-twin/trackdrive/wire_format.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::trackdrive {
namespace {

using nlohmann::json;
using tracking::Account;
using tracking::ArrayText;
using tracking::Ask;
using tracking::ObjectText;

constexpr std::array<std::string_view, 11> kEvents = {
    "new_call",   "call_ringing",   "call_forwarded", "call_ended",   "call_changed",         "new_lead",
    "lead_ended", "lead_converted", "lead_opted_out", "lead_changed", "incoming_text_message"};

http::Response NotFound() { return Error(404, "base", "not found"); }

std::string TextOf(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return {};
  return member->is_string() ? member->get<std::string>() : member->dump();
}

// What stands between two slashes, or after the last.
std::string_view Piece(std::string_view path, size_t index) {
  const auto pieces = Split(path, '/');
  return index < pieces.size() ? pieces[index] : std::string_view();
}

http::Response PageOf(const Ask& ask, std::string_view root, const std::vector<std::string>& items) {
  const size_t size = PageSize(ask);
  const auto page = static_cast<size_t>(std::clamp<int64_t>(ParseInt(ask.Query("page")).value_or(1), 1, 1'000'000));
  ArrayText shown;
  for (size_t i = (page - 1) * size; i < std::min(items.size(), page * size); ++i) shown.Add(items[i]);
  ObjectText metadata;
  metadata.Number("total_count", static_cast<int64_t>(items.size()))
      .Number("total_pages", static_cast<int64_t>((items.size() + size - 1) / size))
      .Number("page", static_cast<int64_t>(page))
      .Number("per_page", static_cast<int64_t>(size));
  return Envelope(root, shown.Take(), metadata.Take());
}

http::Response One(std::string_view root, std::string_view text) {
  return Envelope(root, text, ObjectText().Text("root", root).Take());
}

http::Response ShowEvents(const Account& account, uint32_t number) {
  const tracking::Call& call = account.book.At(number);
  ArrayText events;
  if (call.HasTarget()) {
    const bool answered = call.IsConnected();
    events.Add(ObjectText()
                   .Text("type", "Leg")
                   .Number("id", 1)
                   .Text("created_at", LocalTime(call.MsOf(tracking::Stage::kRinging)))
                   .TextOrNull("answered_at", answered ? LocalTime(call.MsOf(tracking::Stage::kTalking)) : "")
                   .TextOrNull("end_time", call.HasEnded() ? LocalTime(call.MsOf(tracking::Stage::kEnded)) : "")
                   .Text("direction", "outbound")
                   .Text("to", account.catalogue.targets[call.target].number)
                   .Flag("answered", answered)
                   .Take());
  }
  if (const tracking::CallExtras* extras = account.book.FindExtras(number); extras != nullptr) {
    for (const tracking::Delivery& delivery : extras->deliveries) {
      const std::string time = LocalTime(delivery.sent_ms);
      ObjectText log;
      log.Text("type", "WebhookLog")
          .Text("request_url", account.hooks[delivery.hook].url)
          .Text("request_method", "post");
      log.Text("created_at", time).Text("started_at", time).Text("finished_at", time);
      delivery.code == 0 ? log.Null("code") : log.Number("code", delivery.code);
      events.Add(log.Take());
    }
  }
  return http::JsonResponse(200, ObjectText()
                                     .Number("id", NumericIdOf(number))
                                     .Text("uuid", account.book.IdOf(number))
                                     .Raw("events", events.Take())
                                     .Take());
}

http::Response ChangeCall(Account& account, tracking::Life& life, const json& body, uint32_t number) {
  if (!body.is_object()) return Error(422, "base", "is not a JSON object");
  struct Money {
    const char* name;
    int64_t tracking::Call::*member;
    bool adds;
  };
  constexpr std::array<Money, 4> kMoney = {{{"revenue", &tracking::Call::revenue, false},
                                            {"add_revenue", &tracking::Call::revenue, true},
                                            {"payout", &tracking::Call::payout, false},
                                            {"add_payout", &tracking::Call::payout, true}}};
  for (const Money& money : kMoney) {
    if (body.contains(money.name) && !tracking::AmountIn(TextOf(body, money.name))) {
      return Error(422, money.name, "is not a number");
    }
  }
  life.Set(account, number, [&](tracking::Call& call, tracking::CallExtras& extras) {
    for (const Money& money : kMoney) {
      const auto amount = tracking::AmountIn(TextOf(body, money.name));
      if (amount) call.*money.member = *amount + (money.adds ? call.*money.member : 0);
    }
    for (const char* name : {"buyer_converted", "offer_converted"}) {
      if (body.contains(name)) call.converts = TextOf(body, name) == "true";
    }
    const json tokens = body.value("post_call_tokens", json::object());
    for (const auto& [name, value] : tokens.items()) extras.tags[name] = TextOf(tokens, name.c_str());
  });
  return One("call", CallText(account, number, {}));
}

std::string SubscriptionText(const tracking::Hook& hook) {
  return ObjectText()
      .Raw("id", hook.id)
      .Text("target_url", hook.url)
      .Text("event", hook.event)
      .Raw("trigger_fields",
           hook.campaigns.empty() ? "{}" : ObjectText().Raw("offer_id", hook.campaigns.front()).Take())
      .Take();
}

std::string NumberText(const tracking::Number& number) {
  ObjectText text;
  text.Raw("id", number.id)
      .Text("number", number.number)
      .Text("country", number.country)
      .Raw("offer_id", number.campaign_id.empty() ? "null" : number.campaign_id)
      .Raw("traffic_source_id", number.publisher_id.empty() ? "null" : number.publisher_id)
      .Text("created_at", LocalTime(number.provisioned_ms))
      .TextOrNull("deleted_at", number.released_ms == 0 ? "" : LocalTime(number.released_ms));
  return text.Take();
}

std::string OfferText(const tracking::Campaign& campaign) {
  return ObjectText()
      .Raw("id", campaign.id)
      .Text("user_offer_id", campaign.key)
      .Text("name", campaign.name)
      .Flag("paused", !campaign.active)
      .Text("created_at", "2025-10-01T09:00:00.000-04:00")
      .Take();
}

http::Response Provision(Account& account, int64_t now_ms, const json& body) {
  const std::string type = TextOf(body, "number_type");
  if (TextOf(body, "country").empty()) return Error(422, "country", "can't be blank");
  if (type != "local" && type != "toll_free") return Error(422, "number_type", "is not included in the list");
  tracking::Number number;
  number.toll_free = type == "toll_free";
  number.area_code = TextOf(body, "area_code");
  number.country = TextOf(body, "country");
  number.campaign_id = TextOf(body, "offer_id");
  number.publisher_id = TextOf(body, "traffic_source_id");
  if (!number.campaign_id.empty() && account.catalogue.FindCampaign(number.campaign_id) == nullptr) {
    return Error(422, "offer_id", "does not exist");
  }
  if (!number.publisher_id.empty() && !ParseInt(number.publisher_id)) {
    return Error(422, "traffic_source_id", "is not a number");
  }
  number.number = account.catalogue.NextPhoneNumber(number.toll_free, number.area_code);
  number.id = account.NextId("77");
  number.provisioned_ms = now_ms;
  account.catalogue.numbers.push_back(number);
  return One("number", NumberText(number));
}

}  // namespace

http::Response HandleCall(Account& account, tracking::Life& life, const Ask& ask) {
  const std::string_view id = Piece(ask.path, 2);
  const std::string_view part = Piece(ask.path, 3);
  if (part == "by_caller_number") {
    ArrayText calls;
    const tracking::SortedCalls& all = account.book.by_start();
    for (const uint32_t number : all.Ascending(0, all.size())) {
      if (Concat(account.book.At(number).caller) == id) calls.Add(CallText(account, number, {}));
    }
    return Envelope("calls", calls.Take(), "{}");
  }
  const auto call = FindCall(account.book, id);
  if (!call) return NotFound();
  if (part == "events") return ShowEvents(account, *call);
  if (ask.method == "PUT" || ask.method == "POST") return ChangeCall(account, life, ask.body, *call);
  if (ask.method != "GET") return Error(405, "base", "method not allowed");
  return One("call", CallText(account, *call, {}));
}

http::Response HandleSubscriptions(Account& account, const Ask& ask) {
  if (ask.method == "POST") {
    tracking::Hook hook;
    hook.url = TextOf(ask.body, "target_url");
    hook.event = TextOf(ask.body, "event");
    hook.method = "POST";
    if (!hook.url.starts_with("http")) return Error(422, "target_url", "is not a valid URL");
    if (std::find(kEvents.begin(), kEvents.end(), hook.event) == kEvents.end()) {
      return Error(422, "event", "is not included in the list");
    }
    const json fields = ask.body.value("trigger_fields", json::object());
    if (const std::string offer = TextOf(fields, "offer_id"); !offer.empty()) hook.campaigns = {offer};
    hook.id = account.NextId("1290");
    account.hooks.push_back(hook);
    return One("subscription", SubscriptionText(hook));
  }
  const std::string_view id = Piece(ask.path, 2);
  if (id.empty()) {
    std::vector<std::string> all;
    for (const tracking::Hook& hook : account.hooks) {
      if (hook.active) all.push_back(SubscriptionText(hook));
    }
    return PageOf(ask, "subscriptions", all);
  }
  for (tracking::Hook& hook : account.hooks) {
    if (hook.id != id || !hook.active) continue;
    if (ask.method == "DELETE") hook.active = false;
    return One("subscription", SubscriptionText(hook));
  }
  return NotFound();
}

http::Response HandleNumbers(Account& account, int64_t now_ms, const Ask& ask) {
  const std::string_view id = Piece(ask.path, 2);
  if (id.empty()) {
    if (ask.method == "POST") return Provision(account, now_ms, ask.body);
    const auto wanted = [&](std::string_view name, const std::string& value) {
      return ask.Query(name).empty() || ask.Query(name) == value;
    };
    std::vector<std::string> all;
    for (const tracking::Number& number : account.catalogue.numbers) {
      // What was released is not listed, though it can be asked for.
      if (number.released_ms == 0 && wanted("number", number.number) && wanted("offer_id", number.campaign_id) &&
          wanted("traffic_source_id", number.publisher_id)) {
        all.push_back(NumberText(number));
      }
    }
    return PageOf(ask, "numbers", all);
  }
  tracking::Number* number = account.catalogue.FindNumber(id);
  if (number == nullptr) return NotFound();
  if (ask.method == "DELETE") {
    if (number->released_ms != 0) return NotFound();
    number->released_ms = now_ms;
  }
  return One("number", NumberText(*number));
}

http::Response HandleOffers(const Account& account, const Ask& ask) {
  const std::string_view id = Piece(ask.path, 2);
  std::vector<std::string> all;
  for (const tracking::Campaign& campaign : account.catalogue.campaigns) {
    if (campaign.id == id) return One("offer", OfferText(campaign));
    all.push_back(OfferText(campaign));
  }
  return id.empty() ? PageOf(ask, "offers", all) : NotFound();
}

}  // namespace trunkline::twin::trackdrive
