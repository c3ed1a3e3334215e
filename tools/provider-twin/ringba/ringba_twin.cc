#include "tools/provider-twin/ringba/ringba_twin.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/ringba/account_requests.h"
#include "tools/provider-twin/ringba/answers.h"
#include "tools/provider-twin/ringba/call_log.h"
#include "tools/provider-twin/ringba/log_requests.h"
#include "tools/provider-twin/tracking/hook_template.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::ringba {
namespace {

using tracking::Account;
using tracking::AccountMap;
using tracking::Ask;
using tracking::Event;

constexpr std::string_view kTokenPath = "/token";

// Of an event: "Fire pixel on", as people say it, and the codes of the API.
std::vector<std::string_view> NamesOf(Event event) {
  switch (event) {
    case Event::kStarted:
      return {"incoming", "IncomingCall"};
    case Event::kRinging:
    case Event::kChanged:
      return {};
    case Event::kAnswered:
      return {"connected", "ConnectedCall"};
    case Event::kEnded:
      return {"finalized", "FinalizedCall"};
    case Event::kConverted:
      return {"converted", "ConvertedCall"};
    case Event::kPayout:
      return {"payout", "PayoutCall"};
    case Event::kRecording:
      return {"recording", "CallRecording"};
  }
  return {};
}

tracking::Catalogue UsualCatalogue() {
  tracking::Catalogue catalogue;
  const std::array<std::string_view, 4> campaigns = {"Auto insurance", "Home services", "Medicare", "Solar"};
  for (size_t i = 0; i < campaigns.size(); ++i) {
    catalogue.campaigns.push_back({.id = Concat("CA", std::string(32, static_cast<char>('1' + i))),
                                   .key = Concat("camp-", i + 1),
                                   .name = std::string(campaigns[i])});
  }
  for (size_t i = 0; i < 5; ++i) {
    catalogue.publishers.push_back({.id = Concat("AF", std::string(32, static_cast<char>('3' + i))),
                                    .key = Concat("pub-", 77 + i),
                                    .name = Concat("Media ", i + 1)});
  }
  for (size_t i = 0; i < 6; ++i) {
    catalogue.targets.push_back({.id = Concat("TA", std::string(32, static_cast<char>('4' + i))),
                                 .name = Concat("Buyer ", i + 1, " main"),
                                 .number = Concat("+1312555", 1000 + i),
                                 .buyer_id = Concat("BU", std::string(32, static_cast<char>('2' + i))),
                                 .buyer_name = Concat("Buyer ", i + 1)});
  }
  for (size_t i = 0; i < 8; ++i) {
    const bool toll_free = i % 2 == 0;
    const auto& campaign = catalogue.campaigns[i % catalogue.campaigns.size()];
    catalogue.numbers.push_back({.id = Concat("EBYVCM", static_cast<char>('A' + i), "C"),
                                 .number = Concat(toll_free ? "+1888555" : "+1202555", 2000 + i),
                                 .toll_free = toll_free,
                                 .area_code = toll_free ? "888" : "202",
                                 .campaign_id = campaign.id,
                                 .campaign_key = campaign.key,
                                 .publisher_id = catalogue.publishers[i % catalogue.publishers.size()].id,
                                 .provisioned_ms = 1'762'000'000'000});
  }
  return catalogue;
}

class Ringba final : public tracking::Platform {
 public:
  explicit Ringba(const World& world) : world_(world) {}

  std::string_view name() const override { return "ringba"; }
  std::string_view base_path() const override { return "/ringba/v2"; }
  const tracking::CallIds& ids() const override { return ids_; }

  std::vector<tracking::Limit> UsualLimits() const override {
    return {{"list", "second", 5},   {"list", "minute", 80}, {"detail", "minute", 200},
            {"export", "minute", 5}, {"export", "hour", 20}, {"export", "day", 200}};
  }

  absl::StatusOr<std::unique_ptr<Account>> ParseAccount(std::string_view text) const override {
    const auto parts = Split(text, ':');
    if ((parts.size() != 2 && parts.size() != 4) || !parts[0].starts_with("RA") || parts[1].empty()) {
      return absl::InvalidArgumentError("an account is written RA...:token or RA...:token:user:password");
    }
    auto account = std::make_unique<Account>(std::string(parts[0]), ids_);
    account->credentials = {{"api_token", std::string(parts[1])}};
    if (parts.size() == 4) {
      account->credentials["username"] = parts[2];
      account->credentials["password"] = parts[3];
    }
    account->catalogue = UsualCatalogue();
    return account;
  }

  Account* Authenticate(AccountMap& accounts, const Ask& ask) override {
    if (ask.path == kTokenPath) return WhoLogsIn(accounts, ParseForm(ask.http.body));
    const std::string_view authorization = ask.http.Header("authorization");
    for (auto& [id, account] : accounts) {
      if (authorization == Concat("Token ", account->Credential("api_token"))) return account.get();
    }
    constexpr std::string_view kBearer = "Bearer ";
    if (!authorization.starts_with(kBearer)) return nullptr;
    const auto bearer = bearers_.find(authorization.substr(kBearer.size()));
    if (bearer == bearers_.end() || bearer->second.until <= world_.scheduler.Now()) return nullptr;
    const auto account = accounts.find(bearer->second.account);
    return account == accounts.end() ? nullptr : account->second.get();
  }

  http::Response Unauthorized(const Ask& ask) const override {
    if (ask.path == kTokenPath) {
      return http::JsonResponse(400, R"({"error":"invalid_grant","error_description":"wrong user or password"})");
    }
    return Error(401, "Authorization has been denied for this request.");
  }

  std::string_view ResourceOf(const Ask& ask) const override {
    const std::string_view below = BelowAccount(ask);
    if (below == "/calllogs" || below == "/insights" || below == "/insights/columns") return "list";
    if (below == "/calllogs/detail") return "detail";
    return below.starts_with("/calllogs/export") ? "export" : "other";
  }
  bool IsCallList(const Ask& ask) const override { return BelowAccount(ask) == "/calllogs"; }

  http::Response RateLimited(const Account& account,
                             const tracking::RequestWindows::Exceeded& exceeded) const override {
    return TooMany(exceeded, account.behaviour.rate_limited_as_success ? 200 : 429);
  }
  http::Response ServerError(int status) const override { return Error(status, "An error has occurred."); }
  http::Response EmptyList(const Ask&) const override {
    return http::JsonResponse(200,
                              R"({"isSuccessful":true,"report":{"partialResult":false,"records":[],"totalCount":0}})");
  }
  std::optional<http::Response> PartialList(Account& account, const Ask& ask) const override {
    tracking::PageRead page;
    return ListCalls(account, ask.body, /*partial=*/true, &page);
  }

  http::Response Handle(Account& account, tracking::Life& life, const Ask& ask, tracking::PageRead* page) override {
    if (ask.path == kTokenPath) return LogIn(account);
    if (EqualsIgnoreCase(ask.path, "/ringbaaccounts")) {
      return Success({{"account", nlohmann::ordered_json::array({{{"timeZoneId", "Eastern Standard Time"},
                                                                  {"id", account.id},
                                                                  {"name", "Example company"},
                                                                  {"accountId", account.id},
                                                                  {"enabled", true},
                                                                  {"version", 1}}})}});
    }
    const std::string_view path = BelowAccount(ask);
    if (!ask.path.starts_with(Concat("/", account.id))) return Error(403, "Forbidden");
    const bool post = ask.method == "POST";
    if (post && path == "/calllogs") return ListCalls(account, ask.body, /*partial=*/false, page);
    if (post && path == "/calllogs/detail") return ShowDetails(account, ask.body);
    if (post && path == "/insights") return Insights(account, ask.body);
    if (post && path.starts_with("/calls/")) return ChangeCall(account, life, ask, path);
    if (path == "/calllogs/columns") return ListColumns();
    if (path.starts_with("/numbers")) return HandleNumbers(account, life.NowMs(account), ask, path);
    if (path.starts_with("/campaigns")) return HandleCampaigns(account, ask, path);
    if (path.starts_with("/EventCallBacks")) return HandleEventCallbacks(account, ask, path);
    return NotFound(path);
  }

  tracking::CallWords Words(const Account& account, uint32_t number) const override {
    const tracking::Call& call = account.book.At(number);
    const tracking::Target& target = account.catalogue.targets[call.target];
    tracking::CallWords words;
    words.status = StatusOf(call);
    words.campaign_id = account.catalogue.campaigns[call.campaign].id;
    words.publisher_id = account.catalogue.publishers[call.publisher].id;
    words.has_destination = call.HasTarget();
    if (call.HasTarget()) {
      words.buyer_id = target.buyer_id;
      words.buyer_name = target.buyer_name;
    }
    words.tags = TagsOf(account, number);
    words.money_known = true;
    return words;
  }

  std::vector<std::pair<uint16_t, Webhook>> Webhooks(const Account& account, uint32_t number,
                                                     Event event) const override {
    const std::vector<std::string_view> names = NamesOf(event);
    const std::string& campaign = account.catalogue.campaigns[account.book.At(number).campaign].id;
    return tracking::WebhooksOf(
        account, number,
        [&](const tracking::Hook& hook) {
          const bool linked =
              hook.campaigns.empty() || std::count(hook.campaigns.begin(), hook.campaigns.end(), campaign);
          return linked && std::count(names.begin(), names.end(), hook.event) > 0;
        },
        [&](std::string_view token) { return TokenValue(account, number, token); });
  }

 private:
  struct Bearer {
    std::string account;
    absl::Time until;
  };

  // What follows /{accountId}.
  static std::string_view BelowAccount(const Ask& ask) {
    const size_t slash = ask.path.find('/', 1);
    return slash == std::string_view::npos ? std::string_view() : ask.path.substr(slash);
  }

  Account* WhoLogsIn(AccountMap& accounts, const Form& form) const {
    const auto value = [&](std::string_view name) { return FindInForm(form, name).value_or(""); };
    for (auto& [id, account] : accounts) {
      if (account->Credential("username").empty()) continue;
      if (value("grant_type") == "password" && value("username") == account->Credential("username") &&
          value("password") == account->Credential("password")) {
        return account.get();
      }
      const auto refresh = refresh_tokens_.find(value("refresh_token"));
      if (value("grant_type") == "refresh_token" && refresh != refresh_tokens_.end() && refresh->second == id) {
        return account.get();
      }
    }
    return nullptr;
  }

  http::Response LogIn(Account& account) {
    const auto life = static_cast<int64_t>(account.behaviour.bearer_seconds);
    const std::string token = account.NextId(Concat("bearer-", account.Credential("password"), "-"));
    const std::string refresh = account.NextId(Concat("refresh-", account.Credential("password"), "-"));
    bearers_[token] = {.account = account.id, .until = world_.scheduler.Now() + absl::Seconds(life)};
    refresh_tokens_[refresh] = account.id;
    return Success({{"access_token", token},
                    {"token_type", "bearer"},
                    {"expires_in", life},
                    {"refresh_token", refresh},
                    {"userName", account.Credential("username")}});
  }

  static std::string TokenValue(const Account& account, uint32_t number, std::string_view token) {
    constexpr std::string_view kCall = "Call:";
    constexpr std::string_view kNoValue = "-no value-";
    const auto column = [&](std::string_view name) {
      const std::string text = FilterText(account, number, name);
      return text.empty() ? std::string(kNoValue) : text;
    };
    if (token == "Call:InboundCallId") return account.book.IdOf(number);
    if (token == "Call:ConversionAmount") return column("conversionAmount");
    if (token == "Call:ConversionPayout") return column("payoutAmount");
    if (token == "Call:RecordingUrl") return column("recordingUrl");
    if (token == "tag:InboundNumber:Number") return column("inboundPhoneNumber");
    if (token == "tag:DialedNumber:Number") return column("number");
    if (token == "tag:Campaign:Id") return column("campaignId");
    if (token == "tag:Campaign:Name") return column("campaignName");
    if (token == "tag:Publisher:Id") return column("publisherId");
    if (token == "tag:Publisher:Name") return column("publisherName");
    if (token == "tag:Target:Id") return column("targetId");
    if (token == "tag:Target:Name") return column("targetName");
    if (token == "tag:CallLength:Total") return column("callLengthInSeconds");
    if (token == "tag:CallLength:FromConnect") return column("connectedCallLengthInSeconds");
    return token.starts_with(kCall) || token.starts_with("tag:") ? std::string(kNoValue) : Concat("[", token, "]");
  }

  const World& world_;
  RingbaCallIds ids_;
  std::map<std::string, Bearer, std::less<>> bearers_;
  std::map<std::string, std::string, std::less<>> refresh_tokens_;  // to account
};

}  // namespace

std::unique_ptr<tracking::Platform> MakePlatform(const World& world) { return std::make_unique<Ringba>(world); }

}  // namespace trunkline::twin::ringba
