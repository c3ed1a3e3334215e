// The webhook URLs that Plivo is given. Their fragments never reach us: they tell Plivo how often to try
// (https://www.plivo.com/docs/voice/concepts/callbacks, "Callback configurations"), which by default it does only when
// it cannot connect, so that a 503 would lose the webhook.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::providers::plivo {

inline constexpr std::string_view kProviderName = "plivo";

// For webhooks that tell something: as many tries as Plivo allows, whatever went wrong.
inline constexpr std::string_view kNewsRetries = "#rc=5&rp=all";
// For webhooks during which a caller waits: XML must be there within 15 s. A 4xx is not tried again: it would be the
// same.
inline constexpr std::string_view kPlanRetries = "#ct=1500&rt=3500&tt=14000&rc=2&rp=5xx,ct,rt";

// Names of query parameters beside those of WebhookUrl.
//
// Which rendering of the plan an action URL stands in. A caller who comes by the same menu twice and presses the same
// key sends the very same form twice; the turn tells that from one webhook that is sent twice.
inline constexpr std::string_view kTurnParameter = "turn";
// What the account is billed in, where it is not USD: no webhook says it.
inline constexpr std::string_view kCurrencyParameter = "currency";
// Asks, with 1, for the whole call to be recorded: Plivo takes no such wish with the call, only in the first plan.
inline constexpr std::string_view kRecordParameter = "record";

class WebhookUrls {
 public:
  WebhookUrls(std::string_view public_url, std::string_view account_id, std::string_view call_id)
      : public_url_(public_url), account_id_(account_id), call_id_(call_id) {}
  // For all calls of a bulk.
  static WebhookUrls OfBulk(std::string_view public_url, std::string_view account_id, std::string_view bulk_id);

  // Not "USD", the default.
  WebhookUrls& InCurrency(std::string_view currency);
  WebhookUrls& AtTurn(std::string_view turn);
  // The whole call is recorded from its first plan on.
  WebhookUrls& Recorded(bool recorded);

  // A URL that is answered with a plan.
  std::string ForPlan(std::string_view event, std::string_view step = {}) const;
  // A URL that is told something.
  std::string ForNews(std::string_view event) const;
  // The same without a fragment, which <Stream> does not take.
  std::string ForStream() const;

 private:
  std::string Render(std::string_view event, std::string_view step) const;

  std::string public_url_;
  std::string account_id_;
  std::string call_id_;
  std::string bulk_id_;
  std::string currency_;
  std::string turn_;
  bool recorded_ = false;
};

}  // namespace trunkline::providers::plivo
