#include "libs/tracking/retreaver/retreaver.h"

#include "libs/tracking/call_mapper.h"
#include "libs/tracking/retreaver/account_settings.h"
#include "libs/tracking/retreaver/call_reading.h"
#include "libs/tracking/retreaver/client.h"
#include "libs/tracking/retreaver/record_checks.h"

namespace trunkline::tracking::retreaver {
namespace {

class Retreaver final : public TrackingPlatform {
 public:
  explicit Retreaver(const PlatformOptions& options)
      : public_url_(options.public_url), receiver_(kPlatform, EventWords()), mapper_(Reading()), client_(options) {}

  std::string_view Name() const override { return kPlatform; }
  const TrackingReceiver& Receiver() const override { return receiver_; }
  const providers::WebhookMapper& Mapper() const override { return mapper_; }
  PlatformClient& Client() const override { return client_; }

  std::set<v1::Feature> Features(const Account& account) const override {
    std::set<v1::Feature> features = {
        v1::FEATURE_FETCH_CALL,         v1::FEATURE_LIST_CALLS,   v1::FEATURE_LIST_LAST_CHANGED,
        v1::FEATURE_LIST_BY_CHANGE,     v1::FEATURE_CHANGE_TIME,  v1::FEATURE_UPDATE_TAGS,
        v1::FEATURE_WEBHOOK_DELIVERIES, v1::FEATURE_LIST_NUMBERS, v1::FEATURE_PROVISION_NUMBER,
        v1::FEATURE_RELEASE_NUMBER,     v1::FEATURE_CAMPAIGNS,    v1::FEATURE_CALL_REPORT};
    if (RegistersTimers(account)) features.insert(v1::FEATURE_REGISTER_WEBHOOKS);
    if (!account.Setting(kConversionUrl).empty()) {
      features.insert({v1::FEATURE_UPDATE_MONEY, v1::FEATURE_UPDATE_CONVERSION});
    }
    return features;
  }
  SyncDefaults Defaults() const override { return DefaultSync(); }
  RequestLimits Limits(Resource resource) const override { return DefaultLimits(resource); }
  std::vector<std::string> Contradictions(std::string_view body) const override { return ContradictionsOf(body); }
  std::vector<AccountProblem> CheckForm(const Account& account) const override { return CheckAccountForm(account); }
  std::vector<WebhookEntry> UrlsToEnter(const Account& account) const override {
    return WebhookEntriesOf(account, public_url_);
  }

 private:
  std::string public_url_;
  TrackingReceiver receiver_;
  CallMapper mapper_;
  // Thread-safe and without a state of its own that callers could see.
  mutable class Client client_;
};

}  // namespace

std::unique_ptr<TrackingPlatform> MakePlatform(const PlatformOptions& options) {
  return std::make_unique<Retreaver>(options);
}

}  // namespace trunkline::tracking::retreaver
