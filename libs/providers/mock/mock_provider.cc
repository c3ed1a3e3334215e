#include "libs/providers/mock/mock_provider.h"

#include <utility>

#include "libs/providers/mock/account_settings.h"
#include "libs/providers/mock/link.h"
#include "libs/providers/mock/mock.h"

namespace trunkline::providers::mock {

MockProvider::MockProvider(std::unique_ptr<Timer> timer, std::unique_ptr<PlanSource> plans)
    : timer_(std::move(timer)),
      exchange_(*timer_, std::move(plans)),
      client_(exchange_),
      controls_(exchange_),
      recordings_(exchange_) {}

std::string_view MockProvider::Name() const { return kProviderName; }

std::set<v1::Feature> MockProvider::Features() const {
  return {v1::FEATURE_PLACE_CALL,
          v1::FEATURE_BULK_DIAL,
          v1::FEATURE_FETCH_CALL,
          v1::FEATURE_LIST_CALLS,
          v1::FEATURE_END_CALL,
          v1::FEATURE_CALL_PLAN,
          v1::FEATURE_UPDATE_CALL,
          v1::FEATURE_ANSWER,
          v1::FEATURE_HOLD,
          v1::FEATURE_BLIND_TRANSFER,
          v1::FEATURE_ATTENDED_TRANSFER,
          v1::FEATURE_CONFERENCE,
          v1::FEATURE_SEND_DIGITS,
          v1::FEATURE_PLAY,
          v1::FEATURE_RECORD,
          v1::FEATURE_LIST_RECORDINGS,
          v1::FEATURE_DELETE_RECORDING,
          v1::FEATURE_MACHINE_DETECTION,
          v1::FEATURE_COST,
          v1::FEATURE_QUALITY};
}

std::unique_ptr<EventLink> MockProvider::OpenLink(const Account& account, LinkSink& sink) const {
  return std::make_unique<Link>(exchange_, account, sink);
}

std::vector<AccountProblem> MockProvider::CheckForm(const Account& account) const { return CheckAccountForm(account); }

std::map<std::string, std::string> MockProvider::UrlsToEnter(std::string_view /*public_url*/,
                                                             std::string_view /*account_id*/) const {
  return {};
}

std::string MockProvider::ReceiveCall(const Account& account, const InboundCall& call) const {
  return exchange_.Receive(account, call);
}

std::unique_ptr<Provider> MakeProvider(const ProviderOptions& options) {
  return std::make_unique<MockProvider>(std::make_unique<ThreadTimer>(), MakeWebhookPlanSource(options));
}

}  // namespace trunkline::providers::mock
