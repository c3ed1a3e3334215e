#include "libs/providers/exotel/test_webhooks.h"

#include "libs/base/text.h"
#include "libs/providers/exotel/webhook_receiver.h"

namespace trunkline::providers::exotel {

Account TestAccount() {
  return {.id = kTestAccount,
          .business_id = "0190b2c3-0000-7000-8000-0000000000bb",
          .provider = "exotel",
          .settings = {{"account_sid", "acme1"}, {"app_id", "926"}, {"caller_id", "08047190000"}},
          .credentials = {{"api_key", "key"}, {"api_token", "s3cret"}, {"webhook_token", kTestToken}}};
}

WebhookRequest PostOf(std::string_view event, std::string_view query, std::string_view content_type, std::string body) {
  WebhookRequest request = GetOf(event, query);
  request.method = "POST";
  request.headers = {{"content-type", std::string(content_type)}};
  request.body = std::move(body);
  return request;
}

WebhookRequest GetOf(std::string_view event, std::string_view query) {
  WebhookRequest request;
  request.method = "GET";
  request.url = Concat(kTestBase, "/telephony/webhook/exotel/", event, "?account=", kTestAccount, "&token=", kTestToken,
                       query.empty() ? "" : "&", query);
  request.event = event;
  request.received_at = kTestReceived;
  return request;
}

webhooks::v1::RawWebhook RawOf(const WebhookRequest& request) {
  return testing_support::RawOf(request, TestAccount(), ExotelReceiver(), kTestReceived);
}

}  // namespace trunkline::providers::exotel
