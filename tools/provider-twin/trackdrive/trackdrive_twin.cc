#include "tools/provider-twin/trackdrive/trackdrive_twin.h"

#include <algorithm>
#include <array>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/trackdrive/account_requests.h"
#include "tools/provider-twin/trackdrive/call_list.h"
#include "tools/provider-twin/trackdrive/wire_format.h"
#include "tools/provider-twin/tracking/hook_template.h"
#include "tools/provider-twin/tracking/values.h"

namespace trunkline::twin::trackdrive {
namespace {

using tracking::Account;
using tracking::AccountMap;
using tracking::Ask;
using tracking::Event;

std::string_view SubscriptionOf(Event event) {
  switch (event) {
    case Event::kStarted:
      return "new_call";
    case Event::kRinging:
      return "call_ringing";
    case Event::kAnswered:
      return "call_forwarded";
    case Event::kEnded:
      return "call_ended";
    case Event::kConverted:
    case Event::kRecording:
    case Event::kChanged:
      return "call_changed";
    case Event::kPayout:
      return "";
  }
  return "";
}

tracking::Catalogue UsualCatalogue() {
  tracking::Catalogue catalogue;
  const std::array<std::string_view, 4> campaigns = {"Auto insurance", "Home services", "Medicare", "Solar"};
  for (size_t i = 0; i < campaigns.size(); ++i) {
    catalogue.campaigns.push_back(
        {.id = Concat(10'001'234 + i), .key = Concat("OFFER-", i + 1), .name = std::string(campaigns[i])});
  }
  for (size_t i = 0; i < 5; ++i) {
    catalogue.publishers.push_back(
        {.id = Concat(10'160'398 + i), .key = Concat(1070 + i), .name = Concat("Media ", i + 1)});
  }
  for (size_t i = 0; i < 6; ++i) {
    catalogue.targets.push_back({.id = Concat(i + 1),
                                 .number = Concat("+1312555", 1000 + i),
                                 .buyer_id = Concat(10'455'172 + i),
                                 .buyer_name = Concat("Buyer ", i + 1)});
  }
  for (size_t i = 0; i < 8; ++i) {
    const bool toll_free = i % 2 == 0;
    catalogue.numbers.push_back({.id = Concat(7'715'520 + i),
                                 .number = Concat(toll_free ? "+1888555" : "+1202555", 2000 + i),
                                 .toll_free = toll_free,
                                 .campaign_id = catalogue.campaigns[i % catalogue.campaigns.size()].id,
                                 .publisher_id = catalogue.publishers[i % catalogue.publishers.size()].id,
                                 .provisioned_ms = 1'762'000'000'000});
  }
  return catalogue;
}

class TrackDrive final : public tracking::Platform {
 public:
  std::string_view name() const override { return "trackdrive"; }
  std::string_view base_path() const override { return "/trackdrive/api/v1"; }
  const tracking::CallIds& ids() const override { return ids_; }
  bool ShowsDeleted() const override { return true; }

  // None is published: enough for a client that asks once a second and now and then twice.
  std::vector<tracking::Limit> UsualLimits() const override {
    std::vector<tracking::Limit> limits;
    for (const char* resource : {"list", "detail", "report", "other"}) {
      limits.push_back({resource, "second", 4});
      limits.push_back({resource, "minute", 60});
    }
    return limits;
  }

  absl::StatusOr<std::unique_ptr<Account>> ParseAccount(std::string_view text) const override {
    const auto parts = Split(text, ':');
    if (parts.size() != 3 || parts[0].empty() || parts[1].empty() || parts[2].empty()) {
      return absl::InvalidArgumentError("an account is written SUBDOMAIN:public_key:private_key");
    }
    auto account = std::make_unique<Account>(std::string(parts[0]), ids_);
    account->credentials = {{"public_key", std::string(parts[1])}, {"private_key", std::string(parts[2])}};
    account->catalogue = UsualCatalogue();
    return account;
  }

  Account* Authenticate(AccountMap& accounts, const Ask& ask) override {
    const std::string_view authorization = ask.http.Header("authorization");
    constexpr std::string_view kBasic = "basic ";
    if (!EqualsIgnoreCase(authorization.substr(0, kBasic.size()), kBasic)) return nullptr;
    const auto pair = Base64Decode(Trim(authorization.substr(kBasic.size())));
    for (auto& [id, account] : accounts) {
      if (pair == Concat(account->Credential("public_key"), ":", account->Credential("private_key"))) {
        return account.get();
      }
    }
    return nullptr;
  }

  http::Response Unauthorized(const Ask&) const override { return Error(401, "authorization", "Invalid access token"); }

  std::string_view ResourceOf(const Ask& ask) const override {
    if (ask.path == "/calls") return "list";
    if (ask.path == "/calls/stats") return "report";
    return ask.path.starts_with("/calls/") ? "detail" : "other";
  }
  bool IsCallList(const Ask& ask) const override { return ask.path == "/calls" && ask.method == "GET"; }

  http::Response RateLimited(const Account&, const tracking::RequestWindows::Exceeded& exceeded) const override {
    http::Response response{.status = 429, .headers = {{"Content-Type", "text/plain"}}, .body = "Retry later\n"};
    const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(exceeded.until_free, absl::Seconds(1)));
    if (seconds > 0) response.headers.emplace_back("Retry-After", Concat(seconds));
    return response;
  }
  http::Response ServerError(int status) const override { return Error(status, "base", "something went wrong"); }
  http::Response EmptyList(const Ask&) const override {
    return Envelope("calls", "[]", R"({"total_count":0,"total_pages":0,"page":1,"per_page":25,"next_cursor":0})");
  }
  std::optional<http::Response> PartialList(Account&, const Ask&) const override { return std::nullopt; }

  http::Response Handle(Account& account, tracking::Life& life, const Ask& ask, tracking::PageRead* page) override {
    if (IsCallList(ask)) return ListCalls(account, ask, page);
    if (ask.path == "/calls/stats") return Statistics(account, ask);
    if (ask.path.starts_with("/calls/")) return HandleCall(account, life, ask);
    if (ask.path.starts_with("/subscriptions")) return HandleSubscriptions(account, ask);
    if (ask.path.starts_with("/phone_numbers")) return HandleNumbers(account, life.NowMs(account), ask);
    if (ask.path.starts_with("/offers")) return HandleOffers(account, ask);
    return Error(404, "base", "not found");
  }

  tracking::CallWords Words(const Account& account, uint32_t number) const override {
    const tracking::Call& call = account.book.At(number);
    const tracking::Campaign& campaign = account.catalogue.campaigns[call.campaign];
    const tracking::Target& target = account.catalogue.targets[call.target];
    tracking::CallWords words;
    words.status = StatusOf(call).normalized;
    words.campaign_id = campaign.id;
    words.campaign_key = campaign.key;
    words.publisher_id = account.catalogue.publishers[call.publisher].id;
    // Whom nobody answered for is not told.
    words.has_destination = call.IsConnected();
    if (call.IsConnected()) {
      words.buyer_id = target.buyer_id;
      words.buyer_name = target.buyer_name;
    }
    words.tags = TagsOf(account, number);
    words.money_known = MoneyIsKnown(call);
    words.tells_changes = true;
    words.answer_known = false;
    return words;
  }

  std::vector<std::pair<uint16_t, Webhook>> Webhooks(const Account& account, uint32_t number,
                                                     Event event) const override {
    const std::string_view subscription = SubscriptionOf(event);
    const std::string& offer = account.catalogue.campaigns[account.book.At(number).campaign].id;
    std::vector<std::pair<uint16_t, Webhook>> webhooks;
    for (size_t i = 0; i < account.hooks.size(); ++i) {
      const tracking::Hook& hook = account.hooks[i];
      const bool linked = hook.campaigns.empty() || hook.campaigns.front() == offer;
      if (!hook.active || !linked || subscription.empty() || hook.event != subscription) continue;
      Webhook webhook = tracking::MakeWebhook(account, number, hook);
      webhook.headers.emplace_back("Content-Type", "application/json");
      webhook.body = BodyOf(account, number, hook);
      webhooks.emplace_back(static_cast<uint16_t>(i), std::move(webhook));
    }
    return webhooks;
  }

 private:
  // Nobody documents the shape.
  static std::string BodyOf(const Account& account, uint32_t number, const tracking::Hook& hook) {
    const std::string call = CallText(account, number, {});
    if (account.behaviour.payload == "flat") return call;
    tracking::ObjectText body;
    if (account.behaviour.payload == "named") body.Text("event", hook.event);
    return body.Raw("call", call).Take();
  }

  tracking::UuidCallIds ids_;
};

}  // namespace

std::unique_ptr<tracking::Platform> MakePlatform(const World&) { return std::make_unique<TrackDrive>(); }

}  // namespace trunkline::twin::trackdrive
