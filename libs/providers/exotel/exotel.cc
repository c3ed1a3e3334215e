#include "libs/providers/exotel/exotel.h"

#include "libs/providers/exotel/account_settings.h"
#include "libs/providers/exotel/recordings.h"
#include "libs/providers/exotel/rest_api.h"
#include "libs/providers/exotel/rest_client.h"
#include "libs/providers/exotel/webhook.h"
#include "libs/providers/exotel/webhook_mapper.h"
#include "libs/providers/exotel/webhook_receiver.h"
#include "libs/providers/exotel/webhook_urls.h"

namespace trunkline::providers::exotel {
namespace {

class ExotelProvider final : public Provider {
 public:
  explicit ExotelProvider(const ProviderOptions& options)
      : api_(options), client_(options, api_), controls_(kProviderName), recordings_(api_, client_) {}

  std::string_view Name() const override { return kProviderName; }
  const WebhookReceiver& Receiver() const override { return receiver_; }
  const WebhookMapper& Mapper() const override { return mapper_; }
  CallClient& Client() const override { return client_; }
  CallControls& Controls() const override { return controls_; }
  RecordingClient& Recordings() const override { return recordings_; }

  // Exotel's API ends, holds and transfers nothing, and takes no plans: flows are kept at Exotel, and ask only for what
  // a single applet does.
  std::set<v1::Feature> Features() const override {
    return {v1::FEATURE_PLACE_CALL, v1::FEATURE_BULK_DIAL, v1::FEATURE_FETCH_CALL,
            v1::FEATURE_LIST_CALLS, v1::FEATURE_COST,      v1::FEATURE_LIST_RECORDINGS};
  }

  std::vector<AccountProblem> CheckForm(const Account& account) const override { return CheckAccountForm(account); }

  std::map<std::string, std::string> UrlsToEnter(std::string_view public_url,
                                                 std::string_view account_id) const override {
    std::map<std::string, std::string> urls;
    for (const std::string_view event :
         {kPassthruEvent, kFlowEndEvent, kPopupEvent, kConnectEvent, kGreetingEvent, kGatherEvent, kBranchEvent}) {
      urls.emplace(event, UrlToEnter(public_url, account_id, event));
    }
    return urls;
  }

 private:
  ExotelReceiver receiver_;
  ExotelMapper mapper_;
  // Thread-safe and without a state of its own that callers could see.
  mutable RestApi api_;
  mutable RestClient client_;
  mutable CallControls controls_;
  mutable class Recordings recordings_;
};

}  // namespace

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options) {
  return std::make_unique<ExotelProvider>(options);
}

}  // namespace trunkline::providers::exotel
