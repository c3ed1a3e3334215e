// The webhook URLs that Twilio is given. Their fragments never reach us: they tell Twilio how often to try
// (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides), which by default it does only when it
// cannot connect at all, so that a 503 would lose the webhook.
#pragma once

#include <string>
#include <string_view>

namespace trunkline::providers::twilio {

inline constexpr std::string_view kProviderName = "twilio";

// For webhooks that tell something: as many tries as Twilio allows, whatever went wrong.
inline constexpr std::string_view kNewsRetries = "#rc=5&rp=all";
// For webhooks during which a caller waits: three tries of at most 5 s each, which is all of the 15 s that Twilio has
// before it gives the call up. A 4xx is not tried again: it would be the same.
inline constexpr std::string_view kPlanRetries = "#ct=1500&rt=3500&tt=15000&rc=2&rp=5xx,ct,rt";

// Names of query parameters beside those of WebhookUrl: they mark the webhooks of a leg that a plan dialled.
inline constexpr std::string_view kLegParameter = "leg";
inline constexpr std::string_view kChildLeg = "child";
inline constexpr std::string_view kParentParameter = "parent";

class WebhookUrls {
 public:
  WebhookUrls(std::string_view public_url, std::string_view account_id, std::string_view call_id)
      : public_url_(public_url), account_id_(account_id), call_id_(call_id) {}

  // A URL that is answered with a plan.
  std::string ForPlan(std::string_view event, std::string_view step = {}) const;
  // A URL that is told something.
  std::string ForNews(std::string_view event) const;
  // The status URL of legs that the call's plan dials. They are calls of their own, whose ids follow from Twilio's: the
  // URL names the parent, and not itself.
  std::string ForChildLeg() const;

 private:
  std::string public_url_;
  std::string account_id_;
  std::string call_id_;
};

}  // namespace trunkline::providers::twilio
