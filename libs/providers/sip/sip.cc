#include "libs/providers/sip/sip.h"

#include "libs/providers/sip/account_settings.h"
#include "libs/providers/sip/controls.h"
#include "libs/providers/sip/manager.h"
#include "libs/providers/sip/manager_client.h"
#include "libs/providers/sip/manager_link.h"
#include "libs/providers/sip/recordings.h"
#include "libs/providers/sip/webhook_mapper.h"
#include "libs/providers/sip/webhook_receiver.h"
#include "libs/providers/webhook_url.h"

namespace trunkline::providers::sip {
namespace {

class SipProvider final : public Provider {
 public:
  explicit SipProvider(const ProviderOptions& options)
      : manager_(options.api_timeout), client_(manager_), controls_(manager_), recordings_(manager_) {}

  std::string_view Name() const override { return kProviderName; }
  const WebhookReceiver& Receiver() const override { return receiver_; }
  const WebhookMapper& Mapper() const override { return mapper_; }
  CallClient& Client() const override { return client_; }
  CallControls& Controls() const override { return controls_; }
  RecordingClient& Recordings() const override { return recordings_; }

  std::set<v1::Feature> Features() const override {
    return {v1::FEATURE_PLACE_CALL, v1::FEATURE_FETCH_CALL,  v1::FEATURE_LIST_LIVE_CALLS, v1::FEATURE_END_CALL,
            v1::FEATURE_ANSWER,     v1::FEATURE_HOLD,        v1::FEATURE_BLIND_TRANSFER,  v1::FEATURE_ATTENDED_TRANSFER,
            v1::FEATURE_CONFERENCE, v1::FEATURE_SEND_DIGITS, v1::FEATURE_RECORD,          v1::FEATURE_QUALITY};
  }

  bool HasLink(const Account& account) const override { return UsesManager(account); }
  std::unique_ptr<EventLink> OpenLink(const Account& account, LinkSink& sink) const override {
    return std::make_unique<ManagerLink>(account, sink);
  }

  std::vector<AccountProblem> CheckForm(const Account& account) const override { return CheckAccountForm(account); }

  std::map<std::string, std::string> UrlsToEnter(std::string_view public_url,
                                                 std::string_view account_id) const override {
    WebhookUrl url;
    url.provider = kProviderName;
    url.event = "events";
    url.account_id = account_id;
    return {{"events", url.Render(public_url)}};
  }

 private:
  SipReceiver receiver_;
  SipMapper mapper_;
  // Thread-safe and without a state of its own that callers could see.
  mutable Manager manager_;
  mutable ManagerClient client_;
  mutable class Controls controls_;
  mutable class Recordings recordings_;
};

}  // namespace

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options) {
  return std::make_unique<SipProvider>(options);
}

}  // namespace trunkline::providers::sip
