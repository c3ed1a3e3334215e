#include "libs/providers/plivo/plivo.h"

#include "libs/providers/plivo/account_settings.h"
#include "libs/providers/plivo/controls.h"
#include "libs/providers/plivo/recordings.h"
#include "libs/providers/plivo/rest_api.h"
#include "libs/providers/plivo/rest_client.h"
#include "libs/providers/plivo/webhook_mapper.h"
#include "libs/providers/plivo/webhook_receiver.h"
#include "libs/providers/plivo/webhook_urls.h"

namespace trunkline::providers::plivo {
namespace {

class PlivoProvider final : public Provider {
 public:
  explicit PlivoProvider(const ProviderOptions& options)
      : api_(options), client_(options, api_), recordings_(options, api_), controls_(options, api_, recordings_) {}

  std::string_view Name() const override { return kProviderName; }
  const WebhookReceiver& Receiver() const override { return receiver_; }
  const WebhookMapper& Mapper() const override { return mapper_; }
  CallClient& Client() const override { return client_; }
  CallControls& Controls() const override { return controls_; }
  RecordingClient& Recordings() const override { return recordings_; }

  std::set<v1::Feature> Features() const override {
    return {v1::FEATURE_PLACE_CALL,
            v1::FEATURE_BULK_DIAL,
            v1::FEATURE_FETCH_CALL,
            v1::FEATURE_LIST_CALLS,

            v1::FEATURE_END_CALL,
            v1::FEATURE_CALL_PLAN,
            v1::FEATURE_UPDATE_CALL,
            v1::FEATURE_HOLD,
            v1::FEATURE_BLIND_TRANSFER,
            v1::FEATURE_CONFERENCE,
            v1::FEATURE_SEND_DIGITS,
            v1::FEATURE_PLAY,
            v1::FEATURE_RECORD,
            v1::FEATURE_LIST_RECORDINGS,
            v1::FEATURE_DELETE_RECORDING,
            v1::FEATURE_MACHINE_DETECTION,
            v1::FEATURE_COST};
  }

  std::vector<AccountProblem> CheckForm(const Account& account) const override { return CheckAccountForm(account); }

  std::map<std::string, std::string> UrlsToEnter(std::string_view public_url,
                                                 std::string_view account_id) const override {
    const WebhookUrls urls(public_url, account_id, {});
    return {
        {"answer", urls.ForPlan("answer")}, {"fallback", urls.ForPlan("fallback")}, {"hangup", urls.ForNews("hangup")}};
  }

 private:
  PlivoReceiver receiver_;
  PlivoMapper mapper_;
  // Thread-safe and without a state of its own that callers could see.
  mutable RestApi api_;
  mutable RestClient client_;
  mutable class Recordings recordings_;
  mutable class Controls controls_;
};

}  // namespace

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options) {
  return std::make_unique<PlivoProvider>(options);
}

}  // namespace trunkline::providers::plivo
