#include "tools/provider-twin/ringba/account_requests.h"

#include <algorithm>
#include <cmath>

#include "libs/base/text.h"
#include "tools/provider-twin/ringba/answers.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::ringba {
namespace {

using nlohmann::json;
using tracking::Account;
using tracking::Ask;
using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kNever = "0001-01-01T00:00:00";

OrderedJson NumberJson(const Account& account, const tracking::Number& number) {
  OrderedJson object = {
      {"phoneNumber", number.number},
      {"displayNumber", number.number},
      {"provider", "callrSipForward"},
      {"campaignId", number.campaign_id},
      {"allocationDT", tracking::UtcTime(number.provisioned_ms)},
      {"deAllocationDT", kNever},
      {"isTollFree", number.toll_free},
      {"assignmentSettings",
       {{"countryCode", number.country}, {"areaCode", number.area_code}, {"isTollFree", number.toll_free}}},
      {"deallocFlag", number.released_ms != 0},
      {"id", number.id},
      {"accountId", account.id},
      {"enabled", number.enabled},
      {"version", 3}};
  if (!number.publisher_id.empty()) {
    object["affiliate"] = {{"id", number.publisher_id}, {"enabled", true}, {"version", 1}};
  }
  return object;
}

OrderedJson CampaignJson(const Account& account, const tracking::Campaign& campaign) {
  return {{"id", campaign.id},
          {"name", campaign.name},
          {"userCampaignId", campaign.key},
          {"countryCode", "US"},
          {"enabled", campaign.active},
          {"completed", true},
          {"version", 4},
          {"accountId", account.id},
          {"affiliateNumbers", OrderedJson::array()},
          {"routes", OrderedJson::array()}};
}

OrderedJson HookJson(const Account& account, const tracking::Hook& hook) {
  return {{"id", hook.id},         {"name", hook.name},      {"pixelUrl", hook.url},    {"eventCode", hook.event},
          {"method", hook.method}, {"enabled", hook.active}, {"accountId", account.id}, {"version", 1}};
}

// What stands between two slashes, or after the last.
std::string_view Piece(std::string_view path, size_t index) {
  const auto pieces = Split(path, '/');
  return index < pieces.size() ? pieces[index] : std::string_view();
}

http::Response Provision(Account& account, int64_t now_ms, const json& body) {
  const std::string country = Member(body, "countryCode");
  if (country.empty() || !body.contains("chargeAccountIfNeeded")) {
    return Error(400, "countryCode and chargeAccountIfNeeded are required");
  }
  if (account.behaviour.out_of_stock) return Error(500, "could not allocate new number from telco provider");
  tracking::Number number;
  number.toll_free = body.value("isTollFree", false);
  number.area_code = Member(body, "areaCode");
  number.country = country;
  number.number = account.catalogue.NextPhoneNumber(number.toll_free, number.area_code);
  number.id = account.NextId("NUM");
  number.provisioned_ms = now_ms;
  account.catalogue.numbers.push_back(number);
  return Success({{"numberId", number.id}, {"number", NumberJson(account, number)}});
}

tracking::Number* LivingNumber(Account& account, std::string_view id) {
  tracking::Number* number = account.catalogue.FindNumber(id);
  return number == nullptr || number->released_ms != 0 ? nullptr : number;
}

// An amount as it stands in the body.
std::optional<int64_t> AmountOf(const json& body, const char* name) {
  const auto member = body.find(name);
  if (member == body.end() || !member->is_number()) return std::nullopt;
  return static_cast<int64_t>(std::llround(member->get<double>() * 10'000));
}

struct MoneyChange {
  const char* conversion;  // members with the amounts
  const char* payout;
  const char* wants_conversion;
  const char* wants_payout;
  int sign;  // 0: absolute
};

http::Response ChangeMoney(Account& account, tracking::Life& life, const json& body, uint32_t call,
                           const MoneyChange& wanted) {
  const tracking::Call& now = account.book.At(call);
  const auto changed = [&](int64_t amount, const char* wants, const char* name) -> std::optional<int64_t> {
    if (!body.value(wants, false)) return amount;
    const auto given = AmountOf(body, name);
    if (!given) return std::nullopt;
    const int64_t result = wanted.sign == 0 ? *given : amount + wanted.sign * *given;
    return result < 0 ? std::nullopt : std::optional(result);
  };
  const auto revenue = changed(now.revenue, wanted.wants_conversion, wanted.conversion);
  const auto payout = changed(now.payout, wanted.wants_payout, wanted.payout);
  if (!revenue || !payout) return Error(400, "Conversion would be brought below zero");
  life.Set(account, call, [&](tracking::Call& there, tracking::CallExtras&) {
    there.revenue = *revenue;
    there.payout = *payout;
    there.adjusted = true;
  });
  return Success({{"result",
                   {{"payoutAmount", static_cast<double>(*payout) / 10'000},
                    {"conversionAmount", static_cast<double>(*revenue) / 10'000}}}});
}

}  // namespace

http::Response HandleNumbers(Account& account, int64_t now_ms, const Ask& ask, std::string_view path) {
  const std::string_view id = Piece(path, 2);
  if (id.empty()) {
    if (ask.method == "POST") return Provision(account, now_ms, ask.body);
    OrderedJson numbers = OrderedJson::array();
    for (const tracking::Number& number : account.catalogue.numbers) {
      if (number.released_ms == 0) numbers.push_back(NumberJson(account, number));
    }
    return Success({{"numbers", numbers}});
  }
  tracking::Number* number = LivingNumber(account, id);
  if (number == nullptr) return NotFound(id);
  const std::string_view part = Piece(path, 3);
  if (ask.method == "DELETE" && part.empty()) {
    const bool linked = !number->campaign_id.empty() || !number->publisher_id.empty();
    if (linked && ask.Query("unlink") != "true") return Error(400, "Please remove all references to this number");
    number->released_ms = now_ms;
    return Success({{"isSuccessful", true}});
  }
  if (ask.method == "PUT" && part == "affiliate") {
    number->publisher_id = Member(ask.body, "affiliateId");
    return Success({{"isSuccessful", true}});
  }
  if (ask.method == "PATCH" && part.empty()) {
    number->enabled = ask.body.value("enabled", number->enabled);
    return Success({{"number", NumberJson(account, *number)}});
  }
  if (ask.method != "GET") return Error(405, "Method not allowed");
  if (part == "InboundReferences") {
    return Success({{"hasReferences", !number->campaign_id.empty()}, {"campaignId", number->campaign_id}});
  }
  return Success({{"number", NumberJson(account, *number)}});
}

http::Response HandleCampaigns(Account& account, const Ask& ask, std::string_view path) {
  const std::string_view id = Piece(path, 2);
  const std::vector<tracking::Campaign>& campaigns = account.catalogue.campaigns;
  if (id.empty()) {
    OrderedJson list = OrderedJson::array();
    for (const tracking::Campaign& campaign : campaigns) list.push_back(CampaignJson(account, campaign));
    return Success({{"campaigns", list}});
  }
  if (id == "stats") {
    std::vector<int64_t> totals(campaigns.size());
    for (uint32_t i = 0; i < account.book.size(); ++i) ++totals[account.book.At(i).campaign];
    OrderedJson stats = OrderedJson::object();
    for (size_t i = 0; i < campaigns.size(); ++i) {
      // The first letter is lower-cased there.
      if (totals[i] > 0) stats[Concat("c", campaigns[i].id.substr(1))] = {{"total", totals[i]}};
    }
    return Success({{"stats", stats}});
  }
  const auto campaign =
      std::find_if(campaigns.begin(), campaigns.end(), [&](const tracking::Campaign& known) { return known.id == id; });
  if (campaign == campaigns.end()) return NotFound(id);
  const std::string_view part = Piece(path, 3);
  if (ask.method == "PATCH" && (part == "affiliateNumbers" || part == "defaultNumber")) {
    tracking::Number* number = LivingNumber(account, Member(ask.body, "numberId"));
    if (number == nullptr) return NotFound(Member(ask.body, "numberId"));
    number->campaign_id = campaign->id;
    return Success({{"campaign", CampaignJson(account, *campaign)}});
  }
  if (ask.method == "PATCH" && (part == "link" || part == "unlink")) {
    const std::string member = Member(ask.body, "memberId");
    for (tracking::Hook& hook : account.hooks) {
      if (hook.id != member || !hook.active) continue;
      std::erase(hook.campaigns, campaign->id);
      if (part == "link") hook.campaigns.push_back(campaign->id);
      return Success({{"isSuccessful", true}});
    }
    return NotFound(member);
  }
  return ask.method == "GET" ? Success({{"campaign", CampaignJson(account, *campaign)}})
                             : Error(405, "Method not allowed");
}

http::Response HandleEventCallbacks(Account& account, const Ask& ask, std::string_view path) {
  if (!account.behaviour.event_callbacks) return NotFound("EventCallBacks");
  const std::string_view id = Piece(path, 2);
  if (id.empty() && ask.method == "POST") {
    tracking::Hook hook;
    hook.url = Member(ask.body, "pixelUrl");
    hook.event = Member(ask.body, "eventCode");
    if (hook.url.empty() || hook.event.empty()) return Error(400, "pixelUrl and eventCode are required");
    hook.id = account.NextId("EV");
    hook.name = Member(ask.body, "name");
    if (const std::string method = Member(ask.body, "method"); !method.empty()) hook.method = method;
    if (const std::string type = Member(ask.body, "contentType"); !type.empty()) hook.content_type = type;
    hook.body = Member(ask.body, "postBody");
    const json headers = ask.body.value("headers", json::object());
    for (const auto& [name, value] : headers.items()) {
      if (value.is_string()) hook.headers.emplace_back(name, value.get<std::string>());
    }
    const std::string user = Member(ask.body, "basicAuthUsername");
    if (!user.empty()) {
      const std::string pair = Concat(user, ":", Member(ask.body, "basicAuthPassword"));
      hook.headers.emplace_back("Authorization", Concat("Basic ", Base64Encode(pair)));
    }
    account.hooks.push_back(hook);
    return Success({{"eventCallBack", HookJson(account, hook)}});
  }
  if (id.empty()) {
    OrderedJson list = OrderedJson::array();
    for (const tracking::Hook& hook : account.hooks) {
      if (hook.active) list.push_back(HookJson(account, hook));
    }
    return Success({{"eventCallBacks", list}});
  }
  for (tracking::Hook& hook : account.hooks) {
    if (hook.id != id || !hook.active) continue;
    if (ask.method == "DELETE") hook.active = false;
    return ask.method == "DELETE" ? Success({{"isSuccessful", true}})
                                  : Success({{"eventCallBack", HookJson(account, hook)}});
  }
  return NotFound(id);
}

http::Response ChangeCall(Account& account, tracking::Life& life, const Ask& ask, std::string_view path) {
  const std::string id = Member(ask.body, "inboundCallId");
  const auto call = account.book.Find(id);
  if (!call) return NotFound(id);
  if (path == "/calls/annotate") {
    const json tags = ask.body.value("tags", json::array());
    life.Set(account, *call, [&](tracking::Call&, tracking::CallExtras& extras) {
      for (const json& tag : tags) extras.tags[Member(tag, "tagName")] = Member(tag, "tagValue");
    });
    return Success({{"isSuccessful", true}});
  }
  if (path == "/calls/payments/override") {
    return ChangeMoney(account, life, ask.body, *call,
                       {"newConversionAmount", "newPayoutAmount", "adjustConversion", "adjustPayout", 0});
  }
  if (path == "/calls/payments") {
    return ChangeMoney(account, life, ask.body, *call,
                       {"adjustConverionByAmount", "adjustPayoutByAmount", "adjustConversion", "adjustPayout", 1});
  }
  if (path == "/calls/void") {
    return ChangeMoney(account, life, ask.body, *call,
                       {"voidConverionAmount", "voidPayoutAmount", "voidConversion", "voidPayout", -1});
  }
  return NotFound(path);
}

}  // namespace trunkline::twin::ringba
