#include "libs/tracking/ringba/ringba.h"

#include "libs/tracking/call_mapper.h"
#include "libs/tracking/ringba/account_settings.h"
#include "libs/tracking/ringba/call_reading.h"
#include "libs/tracking/ringba/client.h"
#include "libs/tracking/ringba/record_checks.h"

namespace trunkline::tracking::ringba {
namespace {

class Ringba final : public TrackingPlatform {
 public:
  explicit Ringba(const PlatformOptions& options)
      : public_url_(options.public_url), receiver_(kPlatform, EventWords()), mapper_(Reading()), client_(options) {}

  std::string_view Name() const override { return kPlatform; }
  const TrackingReceiver& Receiver() const override { return receiver_; }
  const providers::WebhookMapper& Mapper() const override { return mapper_; }
  PlatformClient& Client() const override { return client_; }

  std::set<v1::Feature> Features(const Account& account) const override {
    std::set<v1::Feature> features = {
        v1::FEATURE_FETCH_CALL,       v1::FEATURE_FETCH_CALLS_AT_ONCE, v1::FEATURE_LIST_CALLS,
        v1::FEATURE_LIST_ADJUSTED,    v1::FEATURE_LIST_LIVE_CALLS,     v1::FEATURE_TOTAL_COUNT,
        v1::FEATURE_UPDATE_TAGS,      v1::FEATURE_UPDATE_MONEY,        v1::FEATURE_LIST_NUMBERS,
        v1::FEATURE_PROVISION_NUMBER, v1::FEATURE_AREA_CODES,          v1::FEATURE_RELEASE_NUMBER,
        v1::FEATURE_CAMPAIGNS,        v1::FEATURE_CALL_REPORT};
    if (RegistersEventCallbacks(account)) features.insert(v1::FEATURE_REGISTER_WEBHOOKS);
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
  return std::make_unique<Ringba>(options);
}

}  // namespace trunkline::tracking::ringba
