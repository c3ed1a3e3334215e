#include "libs/providers/plivo/test_webhooks.h"

#include "libs/base/text.h"
#include "libs/providers/plivo/webhook_receiver.h"

namespace trunkline::providers::plivo {

Account TestAccount() {
  return {.id = kTestAccount,
          .business_id = "0190b2c3-0000-7000-8000-0000000000bb",
          .provider = "plivo",
          .settings = {{"auth_id", "MAEXAMPLE00000000001"}},
          .credentials = {{"auth_token", "ZXhhbXBsZS1hdXRoLXRva2VuLTAwMDAwMDAwMDAwMQ"}}};
}

WebhookRequest PostOf(std::string_view event, std::string_view query, const Form& form) {
  WebhookRequest request;
  request.method = "POST";
  request.url = Concat(kTestBase, "/telephony/webhook/plivo/", event, query);
  request.event = event;
  request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
  request.body = EncodeForm(form);
  return request;
}

webhooks::v1::RawWebhook RawOf(const WebhookRequest& request) {
  return testing_support::RawOf(request, TestAccount(), PlivoReceiver(), kTestReceived);
}

}  // namespace trunkline::providers::plivo
