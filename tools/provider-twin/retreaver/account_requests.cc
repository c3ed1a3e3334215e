#include "tools/provider-twin/retreaver/account_requests.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "libs/base/json.h"
#include "libs/base/text.h"
#include "tools/provider-twin/retreaver/call_list.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::retreaver {
namespace {

using nlohmann::json;
using tracking::Account;
using tracking::Ask;
using tracking::ObjectText;
using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kNumbers = "/numbers";
constexpr std::string_view kCampaigns = "/campaigns";
constexpr std::array<std::string_view, 13> kCountries = {"US", "CA", "AT", "BE", "DK", "FI", "FR",
                                                         "GB", "IE", "IT", "NL", "PL", "SE"};
constexpr int64_t kDayMs = 86'400'000;

http::Response Render(const OrderedJson& body, int status = 200) { return http::JsonResponse(status, WriteJson(body)); }

std::string TextOf(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto member = object.find(name);
  if (member == object.end() || member->is_null()) return {};
  return member->is_string() ? member->get<std::string>() : member->dump();
}

// "/numbers/5.json" -> "5"
std::string_view IdIn(std::string_view path, std::string_view collection) {
  path.remove_prefix(std::min(path.size(), collection.size()));
  if (path.starts_with('/')) path.remove_prefix(1);
  constexpr std::string_view kJson = ".json";
  if (path.ends_with(kJson)) path.remove_suffix(kJson.size());
  return path;
}

std::string NumberText(const tracking::Number& number) {
  ObjectText text;
  text.Raw("id", number.id)
      .Text("number", number.number)
      .Flag("toll_free", number.toll_free)
      .Text("updated_at", tracking::UtcTime(number.provisioned_ms))
      .Text("created_at", tracking::UtcTime(number.provisioned_ms))
      .TextOrNull("sid", number.sub_id)
      .TextOrNull("afid", number.publisher_id)
      .TextOrNull("cid", number.campaign_key)
      .Flag("uses_campaign_settings", true)
      .Raw("timers", "[]")
      .Raw("menu_options", "[]");
  return ObjectText().Raw("number", text.Take()).Take();
}

http::Response Provision(Account& account, int64_t now_ms, const json& body) {
  const json wished = body.is_object() ? body.value("number", json::object()) : json::object();
  const std::string type = TextOf(wished, "type");
  const std::string country = wished.contains("country") ? TextOf(wished, "country") : "US";
  OrderedJson errors = OrderedJson::object();
  if (type != "Local" && type != "Toll-free") errors["type"] = {"is not included in the list"};
  if (account.catalogue.FindCampaign(TextOf(wished, "cid")) == nullptr) errors["cid"] = {"can't be blank"};
  if (TextOf(wished, "afid").empty()) errors["afid"] = {"can't be blank"};
  if (std::find(kCountries.begin(), kCountries.end(), country) == kCountries.end()) {
    errors["country"] = {"is not included in the list"};
  }
  if (!errors.empty()) return Render({{"errors", errors}}, 422);
  tracking::Number number;
  number.toll_free = type == "Toll-free";
  number.number = account.catalogue.NextPhoneNumber(number.toll_free, "");
  number.id = account.NextId("49");
  number.country = country;
  number.campaign_key = TextOf(wished, "cid");
  number.publisher_id = TextOf(wished, "afid");
  number.sub_id = TextOf(wished, "sid");
  number.provisioned_ms = now_ms;
  account.catalogue.numbers.push_back(number);
  return http::JsonResponse(201, NumberText(number));
}

std::string CampaignText(const Account& account, const tracking::Campaign& campaign) {
  tracking::ArrayText timers;
  for (const tracking::Hook& hook : account.hooks) {
    if (!hook.active || !hook.is_timer || hook.campaigns.front() != campaign.id) continue;
    ObjectText timer;
    timer.Raw("id", hook.id).Number("seconds", hook.seconds).Text("url", hook.url);
    // Both forms stand in the reference.
    timers.Add(hook.seconds == 0 ? ObjectText().Raw("timer", timer.Take()).Take() : timer.Take());
  }
  ObjectText text;
  text.Raw("id", campaign.id)
      .Text("cid", campaign.key)
      .Text("name", campaign.name)
      .Text("updated_at", "2026-02-15T03:40:24Z")
      .Text("created_at", "2025-11-16T13:50:21Z")
      .Flag("record_calls", true)
      .Raw("timers", timers.Take())
      .Raw("menu_options", "[]");
  return ObjectText().Raw("campaign", text.Take()).Take();
}

void PutTimers(Account& account, const tracking::Campaign& campaign, const json& changes) {
  if (changes.value("destroy_nested", false)) {
    for (tracking::Hook& hook : account.hooks) {
      if (hook.is_timer && hook.campaigns.front() == campaign.id) hook.active = false;
    }
  }
  const json timers = changes.value("timers_attributes", json::array());
  for (const json& timer : timers) {
    tracking::Hook hook;
    hook.event = "start";
    hook.url = TextOf(timer, "url");
    hook.seconds = ParseInt(TextOf(timer, "seconds")).value_or(0);
    hook.is_timer = true;
    hook.campaigns = {campaign.id};
    hook.id = account.NextId();
    account.hooks.push_back(std::move(hook));
  }
}

struct Sums {
  std::string name;
  int64_t calls = 0, converted = 0, live = 0, revenue = 0, payout = 0, cost = 0;
};

std::string SumsText(const std::string& id, const Sums& sums) {
  return ObjectText()
      .Text("id", id)
      .Text("facet_name", sums.name)
      .Number("total_calls", sums.calls)
      .Raw("converted_count", Concat(sums.converted, ".0"))
      .Raw("in_progress_count", Concat(sums.live, ".0"))
      .Raw("revenue", tracking::Shortest(sums.revenue))
      .Raw("payout", tracking::Shortest(sums.payout))
      .Raw("cost", tracking::Shortest(sums.cost))
      .Raw("profit", tracking::Shortest(sums.revenue - sums.payout - sums.cost))
      .Take();
}

}  // namespace

http::Response Error(int status, std::string_view text) { return Render({{"error", text}}, status); }

http::Response HandleNumbers(Account& account, int64_t now_ms, const Ask& ask, std::string_view base_url) {
  const std::string_view id = IdIn(ask.path, kNumbers);
  if (id.empty() || id == ask.path) {
    if (ask.method == "POST") return Provision(account, now_ms, ask.body);
    std::vector<std::string> all;
    for (const tracking::Number& number : account.catalogue.numbers) {
      const auto wanted = [&](std::string_view name, const std::string& value) {
        return ask.Query(name).empty() || ask.Query(name) == value;
      };
      if (number.released_ms == 0 && wanted("client_cid", number.campaign_key) &&
          wanted("client_afid", number.publisher_id) && wanted("sub_id", number.sub_id)) {
        all.push_back(NumberText(number));
      }
    }
    const PageWish wish = PageOf(ask);
    std::vector<std::string> page;
    for (size_t i = wish.Offset(); i < std::min(all.size(), wish.Offset() + wish.size); ++i) page.push_back(all[i]);
    return PageResponse(page, wish, all.size(), ask, base_url, account.behaviour.link_header);
  }
  tracking::Number* number = account.catalogue.FindNumber(id);
  if (number == nullptr) return Error(404, "not found");
  if (number->released_ms != 0) return Error(410, "gone");
  if (ask.method == "DELETE") {
    number->released_ms = now_ms;
    return {.status = 204};
  }
  if (ask.method == "PUT") {
    const json changes = ask.body.is_object() ? ask.body.value("number", json::object()) : json::object();
    if (changes.contains("cid")) number->campaign_key = TextOf(changes, "cid");
    if (changes.contains("afid")) number->publisher_id = TextOf(changes, "afid");
  }
  return http::JsonResponse(200, NumberText(*number));
}

http::Response HandleCampaigns(Account& account, const Ask& ask, std::string_view base_url) {
  constexpr std::string_view kByKey = "/campaigns/cid";
  const bool by_key = ask.path.starts_with(kByKey);
  const std::string_view id = IdIn(ask.path, by_key ? kByKey : kCampaigns);
  const std::vector<tracking::Campaign>& campaigns = account.catalogue.campaigns;
  if (id.empty()) {
    std::vector<std::string> all;
    all.reserve(campaigns.size());
    for (const tracking::Campaign& campaign : campaigns) all.push_back(CampaignText(account, campaign));
    return PageResponse(all, PageOf(ask), all.size(), ask, base_url, account.behaviour.link_header);
  }
  const auto campaign = std::find_if(campaigns.begin(), campaigns.end(), [&](const tracking::Campaign& known) {
    return (by_key ? known.key : known.id) == PercentDecode(id, /*plus_is_space=*/false);
  });
  if (campaign == campaigns.end()) return Error(404, "not found");
  if (ask.method == "PUT" && ask.body.is_object()) {
    PutTimers(account, *campaign, ask.body.value("campaign", json::object()));
  }
  return http::JsonResponse(200, CampaignText(account, *campaign));
}

http::Response Report(const Account& account, const Ask& ask) {
  const auto from = tracking::TimeIn(ask.Query("created_at_start"));
  const auto to = tracking::TimeIn(ask.Query("created_at_end"));
  const std::string_view facet = ask.Query("facet");
  const bool by_day = facet == "daily";
  if (ask.Query("domain") != "calls" || !from || !to || (!by_day && facet != "campaign")) {
    return Error(400, "domain=calls, facet (daily or campaign), created_at_start and created_at_end are needed");
  }
  std::map<std::string, Sums> rows;
  const tracking::SortedCalls& all = account.book.by_start();
  const size_t first = all.CountBefore(*from);
  const size_t last = std::max(all.CountBefore(*to), first);
  for (const uint32_t number : all.Ascending(first, last - first)) {
    const tracking::Call& call = account.book.At(number);
    const tracking::Campaign& campaign = account.catalogue.campaigns[call.campaign];
    const std::string day = tracking::UtcTime(call.started_ms / kDayMs * kDayMs).substr(0, 10);
    Sums& sums = rows[by_day ? day : campaign.id];
    sums.name = by_day ? day : campaign.name;
    ++sums.calls;
    sums.converted += call.HasConverted() ? 1 : 0;
    sums.live += call.HasEnded() ? 0 : 1;
    sums.revenue += call.IsSettled() ? call.revenue : 0;
    sums.payout += call.IsSettled() ? call.payout : 0;
    sums.cost += call.HasEnded() ? call.cost : 0;
  }
  const PageWish wish = PageOf(ask);
  tracking::ArrayText data;
  size_t position = 0;
  size_t shown = 0;
  for (const auto& [id, sums] : rows) {
    const bool on_page = position >= wish.Offset() && position < wish.Offset() + wish.size;
    ++position;
    if (!on_page) continue;
    data.Add(SumsText(id, sums));
    ++shown;
  }
  ObjectText body;
  body.Number("count", static_cast<int64_t>(shown))
      .Number("count_total", static_cast<int64_t>(rows.size()))
      .Raw("data", data.Take());
  return http::JsonResponse(200, body.Take());
}

http::Response WriteTags(Account& account, tracking::Life& life, const Ask& ask) {
  Form given = ask.query;
  if (ask.body.is_object()) {
    for (const auto& [name, value] : ask.body.items()) given.emplace_back(name, TextOf(ask.body, name.c_str()));
  }
  const std::string uuid(FindInForm(given, "call_uuid").value_or(""));
  ObjectText tags;
  std::map<std::string, std::string> written;
  for (const auto& [name, value] : given) {
    if (name == "key" || name == "call_uuid" || name == "caller_number" || name == "api_key") continue;
    tags.Text(name, value);
    written[name] = value;
  }
  const auto call = account.book.Find(uuid);
  ObjectText body;
  body.Raw("tag_values", tags.Take());
  if (!call) return http::JsonResponse(200, body.Text("status", "call not found, tags stored").Take());
  life.Set(account, *call, [&](tracking::Call&, tracking::CallExtras& extras) {
    for (const auto& [name, value] : written) extras.tags[name] = value;
  });
  return http::JsonResponse(200,
                            body.Text("call_uuid", uuid).Text("status", "completed call found, tags applied").Take());
}

http::Response PostConversion(Account& account, tracking::Life& life, const Ask& ask) {
  const auto call = account.book.Find(ask.Query("call_uuid"));
  if (!call) return Error(404, "not found");
  const auto revenue = tracking::AmountIn(ask.Query("revenue"));
  const auto payout = tracking::AmountIn(ask.Query("payout"));
  const std::string_view converted = ask.Query("converted");
  life.Set(account, *call, [&](tracking::Call& there, tracking::CallExtras&) {
    if (revenue) there.revenue = *revenue;
    if (payout) there.payout = *payout;
    if (!converted.empty()) there.converts = converted == "true";
  });
  return http::JsonResponse(200, "{}");
}

}  // namespace trunkline::twin::retreaver
