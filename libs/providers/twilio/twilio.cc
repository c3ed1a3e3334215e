#include "libs/providers/twilio/twilio.h"

#include "libs/providers/twilio/account_settings.h"
#include "libs/providers/twilio/rest_client.h"
#include "libs/providers/twilio/webhook_mapper.h"
#include "libs/providers/twilio/webhook_receiver.h"
#include "libs/providers/twilio/webhook_urls.h"

namespace trunkline::providers::twilio {
namespace {

class TwilioProvider final : public Provider {
 public:
  explicit TwilioProvider(const ProviderOptions& options) : client_(options) {}

  std::string_view Name() const override { return kProviderName; }
  const WebhookReceiver& Receiver() const override { return receiver_; }
  const WebhookMapper& Mapper() const override { return mapper_; }
  CallClient& Client() const override { return client_; }

  std::vector<AccountProblem> CheckForm(const Account& account) const override { return CheckAccountForm(account); }

  std::map<std::string, std::string> UrlsToEnter(std::string_view public_url,
                                                 std::string_view account_id) const override {
    const WebhookUrls urls(public_url, account_id, {});
    return {
        {"voice", urls.ForPlan("voice")}, {"fallback", urls.ForPlan("fallback")}, {"status", urls.ForNews("status")}};
  }

 private:
  TwilioReceiver receiver_;
  TwilioMapper mapper_;
  // Thread-safe and without a state of its own that callers could see.
  mutable RestClient client_;
};

}  // namespace

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options) {
  return std::make_unique<TwilioProvider>(options);
}

}  // namespace trunkline::providers::twilio
