#include "libs/providers/twilio/test_webhooks.h"

#include "libs/base/text.h"
#include "libs/providers/twilio/webhook_receiver.h"

namespace trunkline::providers::twilio {

Account TestAccount() {
  return {.id = kTestAccount,
          .business_id = "0190b2c3-0000-7000-8000-0000000000bb",
          .provider = "twilio",
          .settings = {{"account_sid", "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}},
          .credentials = {{"auth_token", "0123456789abcdef0123456789abcdef"}}};
}

WebhookRequest PostOf(std::string_view event, std::string_view query, const Form& form) {
  WebhookRequest request;
  request.method = "POST";
  request.url = Concat(kTestBase, "/telephony/webhook/twilio/", event, query);
  request.event = event;
  request.headers = {{"content-type", "application/x-www-form-urlencoded; charset=UTF-8"}};
  request.body = EncodeForm(form);
  return request;
}

webhooks::v1::RawWebhook RawOf(const WebhookRequest& request) {
  return testing_support::RawOf(request, TestAccount(), TwilioReceiver(), kTestReceived);
}

}  // namespace trunkline::providers::twilio
