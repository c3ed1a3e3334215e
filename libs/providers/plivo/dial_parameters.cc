#include "libs/providers/plivo/dial_parameters.h"

#include <algorithm>

#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/party.h"
#include "libs/providers/plivo/webhook_urls.h"

namespace trunkline::providers::plivo {
namespace {

constexpr int64_t kLongestRing = 600;
constexpr int64_t kLongestCallSeconds = 86'400;

int64_t Seconds(absl::Duration duration, int64_t longest) {
  return std::clamp<int64_t>(absl::ToInt64Seconds(absl::Ceil(duration, absl::Seconds(1))), 1, longest);
}

nlohmann::json Parameters(std::string to, const DialOptions& options, WebhookUrls urls, const Account& account) {
  urls.InCurrency(CurrencyOf(account));
  WebhookUrls plans = urls;
  plans.Recorded(options.record);
  nlohmann::json json = {
      {"from", ToPlivoNumber(options.from)},
      {"to", std::move(to)},
      {"answer_url", plans.ForPlan("answer")},
      {"answer_method", "POST"},
      {"fallback_url", plans.ForPlan("fallback")},
      {"fallback_method", "POST"},
      {"ring_url", urls.ForNews("ring")},
      {"ring_method", "POST"},
      {"hangup_url", urls.ForNews("hangup")},
      {"hangup_method", "POST"},
      {"ring_timeout", Seconds(options.ring_timeout, kLongestRing)},
  };
  if (options.time_limit.has_value()) json["time_limit"] = Seconds(*options.time_limit, kLongestCallSeconds);
  if (options.detect_machine) {
    // With a URL it runs in the background: the plan begins at once, and nobody who picks up hears silence.
    json["machine_detection"] = "true";
    json["machine_detection_url"] = urls.ForNews("amd");
    json["machine_detection_method"] = "POST";
  }
  return json;
}

}  // namespace

nlohmann::json DialParameters(const ProviderOptions& options, const Account& account, const DialRequest& request) {
  return Parameters(ToPlivoNumber(request.to), request.options,
                    WebhookUrls(options.public_url, account.id, request.call_id), account);
}

nlohmann::json BulkDialParameters(const ProviderOptions& options, const Account& account,
                                  const BulkDialRequest& request) {
  std::string to;
  for (const std::string& number : request.to) {
    if (!to.empty()) to.push_back('<');
    to += ToPlivoNumber(number);
  }
  return Parameters(std::move(to), request.options,
                    WebhookUrls::OfBulk(options.public_url, account.id, request.bulk_id), account);
}

}  // namespace trunkline::providers::plivo
