#include "tools/provider-twin/retreaver/retreaver_twin.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/retreaver/account_requests.h"
#include "tools/provider-twin/retreaver/call_list.h"
#include "tools/provider-twin/retreaver/wire_format.h"
#include "tools/provider-twin/tracking/hook_template.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::retreaver {
namespace {

using tracking::Account;
using tracking::AccountMap;
using tracking::Ask;
using tracking::Event;

constexpr std::string_view kBase = "/retreaver";
constexpr std::string_view kDataWriting = "/data_writing";
constexpr std::string_view kConversions = "/conversions";
constexpr std::string_view kJson = ".json";

// Triggers; what has none is found by polling.
std::string_view TriggerOf(Event event) {
  switch (event) {
    case Event::kStarted:
      return "start";
    case Event::kRinging:
      return "selected";
    case Event::kAnswered:
      return "answered";
    case Event::kEnded:
      return "ended";
    case Event::kConverted:
      return "converted";
    case Event::kPayout:
    case Event::kRecording:
    case Event::kChanged:
      return "";
  }
  return "";
}

tracking::Catalogue UsualCatalogue() {
  tracking::Catalogue catalogue;
  const std::array<std::string_view, 4> campaigns = {"Auto insurance", "Home services", "Medicare", "Solar"};
  const std::array<std::string_view, 4> keys = {"auto-ins-01", "home-01", "medicare-01", "solar-01"};
  for (size_t i = 0; i < campaigns.size(); ++i) {
    catalogue.campaigns.push_back(
        {.id = Concat(9911 + i), .key = std::string(keys[i]), .name = std::string(campaigns[i])});
  }
  for (size_t i = 0; i < 5; ++i) {
    catalogue.publishers.push_back(
        {.id = Concat("pub-", 77 + i), .key = Concat(5102 + i), .name = Concat("Media ", i + 1)});
  }
  for (size_t i = 0; i < 6; ++i) {
    catalogue.targets.push_back(
        {.id = Concat(30417 + i), .name = Concat("Buyer ", i + 1), .number = Concat("+1312555", 1000 + i)});
  }
  for (size_t i = 0; i < 8; ++i) {
    const bool toll_free = i % 2 == 0;
    const auto& campaign = catalogue.campaigns[i % catalogue.campaigns.size()];
    catalogue.numbers.push_back({.id = Concat(4'906'200 + i),
                                 .number = Concat(toll_free ? "+1888555" : "+1202555", 2000 + i),
                                 .toll_free = toll_free,
                                 .campaign_id = campaign.id,
                                 .campaign_key = campaign.key,
                                 .publisher_id = catalogue.publishers[i % catalogue.publishers.size()].id,
                                 .provisioned_ms = 1'762'000'000'000});
  }
  return catalogue;
}

// 2 of "/api/v2/calls.json"; nothing for another path.
std::optional<int> CallsVersion(std::string_view path) {
  constexpr std::string_view kApi = "/api/v";
  if (path.starts_with("/calls")) return 2;
  if (!path.starts_with(kApi) || path.size() < kApi.size() + 2) return std::nullopt;
  const char digit = path[kApi.size()];
  const bool is_calls = path.substr(kApi.size() + 1).starts_with("/calls");
  return is_calls && digit >= '1' && digit <= '4' ? std::optional(digit - '0') : std::nullopt;
}

class Retreaver final : public tracking::Platform {
 public:
  explicit Retreaver(const World& world) : world_(world) {}

  std::string_view name() const override { return "retreaver"; }
  std::string_view base_path() const override { return kBase; }
  const tracking::CallIds& ids() const override { return ids_; }

  // None is published: enough for a client that asks as the vendor's own samples do, and not for one that does not
  // care.
  std::vector<tracking::Limit> UsualLimits() const override {
    std::vector<tracking::Limit> limits;
    for (const char* resource : {"list", "detail", "report", "other"}) {
      limits.push_back({resource, "second", 10});
      limits.push_back({resource, "minute", 180});
    }
    return limits;
  }

  absl::StatusOr<std::unique_ptr<Account>> ParseAccount(std::string_view text) const override {
    const auto parts = Split(text, ':');
    if (parts.size() < 2 || parts.size() > 3 || !ParseInt(parts[0]) || parts[1].empty()) {
      return absl::InvalidArgumentError("an account is written COMPANY:api_key or COMPANY:api_key:postback_key");
    }
    auto account = std::make_unique<Account>(std::string(parts[0]), ids_);
    account->credentials = {{"api_key", std::string(parts[1])}};
    if (parts.size() == 3) account->credentials["postback_key"] = parts[2];
    account->catalogue = UsualCatalogue();
    return account;
  }

  Account* Authenticate(AccountMap& accounts, const Ask& ask) override {
    const bool by_postback_key = ask.path.starts_with(kDataWriting) || ask.path.starts_with(kConversions);
    std::string key(ask.Query(by_postback_key ? "key" : "api_key"));
    if (by_postback_key && key.empty() && ask.body.is_object()) key = ask.body.value("key", std::string());
    if (by_postback_key && key.empty()) key = ask.path.substr(ask.path.rfind('/') + 1);
    const std::string_view company = ask.Query("company_id");
    for (auto& [id, account] : accounts) {
      const std::string secret = account->Credential(by_postback_key ? "postback_key" : "api_key");
      if (!secret.empty() && secret == key && (company.empty() || company == id)) return account.get();
    }
    return nullptr;
  }

  http::Response Unauthorized(const Ask&) const override { return Error(401, "Invalid API key."); }

  std::string_view ResourceOf(const Ask& ask) const override {
    if (IsCallList(ask)) return "list";
    if (CallsVersion(ask.path)) return "detail";
    return ask.path == "/api/v1/reports.json" ? "report" : "other";
  }
  bool IsCallList(const Ask& ask) const override {
    return CallsVersion(ask.path).has_value() && ask.path.ends_with("/calls.json");
  }

  http::Response RateLimited(const Account&, const tracking::RequestWindows::Exceeded&) const override {
    return {.status = 429, .headers = {{"Content-Type", "text/plain"}}, .body = "Slow down."};
  }
  http::Response ServerError(int status) const override {
    return {.status = status, .headers = {{"Content-Type", "text/html"}}, .body = "<html>We're sorry.</html>"};
  }
  http::Response EmptyList(const Ask&) const override { return http::JsonResponse(200, "[]"); }
  std::optional<http::Response> PartialList(Account&, const Ask&) const override { return std::nullopt; }

  http::Response Handle(Account& account, tracking::Life& life, const Ask& ask, tracking::PageRead* page) override {
    const std::string base_url = Concat(world_.public_url, kBase);
    const bool is_tags = ask.path.starts_with(kDataWriting);
    if (is_tags) return WriteTags(account, life, ask);
    if (ask.path.starts_with(kConversions)) return PostConversion(account, life, ask);
    if (!ask.path.ends_with(kJson)) return Error(406, "json or xml");
    if (const auto version = CallsVersion(ask.path)) {
      if (IsCallList(ask)) return ListCalls(account, ask, *version, base_url, page);
      const size_t slash = ask.path.rfind('/');
      const std::string_view id = ask.path.substr(slash + 1, ask.path.size() - slash - 1 - kJson.size());
      const auto call = account.book.Find(id);
      if (!call) return Error(404, "not found");
      const bool flow_events = ask.Query("call_flow_events") == "true";
      return http::JsonResponse(200, CallText(account, *call, *version, flow_events));
    }
    if (ask.path == "/company.json" || ask.path == Concat("/companies/", account.id, kJson)) {
      const std::string company = tracking::ObjectText().Raw("id", account.id).Text("name", "Example company").Take();
      return http::JsonResponse(200, tracking::ObjectText().Raw("company", company).Take());
    }
    if (ask.path == "/api/v1/reports.json") return Report(account, ask);
    if (ask.path.starts_with("/numbers")) return HandleNumbers(account, life.NowMs(account), ask, base_url);
    if (ask.path.starts_with("/campaigns")) return HandleCampaigns(account, ask, base_url);
    return Error(404, "not found");
  }

  tracking::CallWords Words(const Account& account, uint32_t number) const override {
    const tracking::Call& call = account.book.At(number);
    const tracking::Campaign& campaign = account.catalogue.campaigns[call.campaign];
    const tracking::Target& target = account.catalogue.targets[call.target];
    tracking::CallWords words;
    words.status = StatusOf(call);
    words.campaign_id = campaign.id;
    words.campaign_key = campaign.key;
    words.publisher_id = account.catalogue.publishers[call.publisher].id;
    words.has_destination = call.HasTarget();
    if (call.HasTarget()) {
      words.buyer_id = target.id;
      words.buyer_name = target.name;
    }
    words.tags = TagsOf(account, number);
    words.money_known = call.IsSettled() && call.ending == tracking::Ending::kTalked;
    words.tells_changes = true;
    return words;
  }

  std::vector<std::pair<uint16_t, Webhook>> Webhooks(const Account& account, uint32_t number,
                                                     Event event) const override {
    const std::string_view trigger = TriggerOf(event);
    const std::string& campaign = account.catalogue.campaigns[account.book.At(number).campaign].id;
    return tracking::WebhooksOf(
        account, number,
        [&](const tracking::Hook& hook) {
          const bool linked = hook.campaigns.empty() || hook.campaigns.front() == campaign;
          return linked && !trigger.empty() && hook.event == trigger && hook.seconds == 0;
        },
        [&](std::string_view token) { return TokenValue(account, number, token); });
  }

 private:
  static std::string TokenValue(const Account& account, uint32_t number, std::string_view token) {
    const tracking::Call& call = account.book.At(number);
    if (token == "call_uuid") return account.book.IdOf(number);
    if (token == "caller_number" || token == "caller_id") return tracking::PhoneOf(call.caller);
    if (token == "called_number") return account.catalogue.numbers[call.number].number;
    if (token == "campaign_id") return account.catalogue.campaigns[call.campaign].key;
    if (token == "affiliate_id") return account.catalogue.publishers[call.publisher].id;
    const auto tags = TagsOf(account, number);
    if (token == "sub_id") return tags.contains("utm_source") ? tags.at("utm_source") : std::string();
    if (token == "call_duration") return Concat(call.HasEnded() ? call.WaitSeconds() + call.talk_seconds : 0);
    if (token == "call_recording_url") return RecordingOf(account, number);
    const auto tag = tags.find(std::string(token));
    // An unknown token stands there as it is.
    return tag == tags.end() ? Concat("[", token, "]") : tag->second;
  }

  const World& world_;
  tracking::UuidCallIds ids_;
};

}  // namespace

std::unique_ptr<tracking::Platform> MakePlatform(const World& world) { return std::make_unique<Retreaver>(world); }

}  // namespace trunkline::twin::retreaver
