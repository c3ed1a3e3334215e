#include "tools/provider-twin/twilio/signed_webhook.h"

#include <utility>

#include "absl/time/clock.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "tools/provider-twin/twilio/signature.h"

namespace trunkline::twin::twilio {

Webhook MakeSignedWebhook(std::string_view kind, std::string_view call_sid, const Target& target,
                          std::string_view auth_token, Form params) {
  Webhook webhook;
  webhook.kind = kind;
  webhook.call_id = call_sid;
  webhook.method = target.method;
  webhook.url = WithoutFragment(target.url);
  webhook.retry = ReadOverrides(target.url, kConnectionRules);
  webhook.headers = {
      {"User-Agent", "TwilioProxy/1.1"}, {"Accept", "*/*"}, {"I-Twilio-Idempotency-Token", NewUuid(absl::Now())}};
  if (target.method == "GET") {
    if (!params.empty()) {
      const char separator = webhook.url.find('?') == std::string::npos ? '?' : '&';
      webhook.url = Concat(webhook.url, separator, EncodeForm(params));
    }
    webhook.headers.emplace_back("X-Twilio-Signature", Sign(auth_token, webhook.url, {}));
  } else {
    webhook.body = EncodeForm(params);
    webhook.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8");
    webhook.headers.emplace_back("X-Twilio-Signature", Sign(auth_token, webhook.url, params));
  }
  webhook.params = std::move(params);
  return webhook;
}

}  // namespace trunkline::twin::twilio
