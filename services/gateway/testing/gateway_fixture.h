// For integration tests: the gateway's parts on a database of the test's own, with a scripted provider, two businesses
// and a clock that is moved by hand.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/metrics/registry.h"
#include "libs/postgres/pool.h"
#include "libs/tracking/built_in_platforms.h"
#include "services/gateway/accounts/account_commands.h"
#include "services/gateway/accounts/destination_rules.h"
#include "services/gateway/calls/call_plan_store.h"
#include "services/gateway/control/call_ender.h"
#include "services/gateway/dialing/admission.h"
#include "services/gateway/dialing/dial_pipeline.h"
#include "services/gateway/dialing/dial_reconciler.h"
#include "services/gateway/testing/scripted_provider.h"
#include "tests/support/test_database.h"

namespace trunkline::gateway {

inline constexpr char kOurs[] = "0190b2c3-0000-7000-8000-00000000000a";
inline constexpr char kTheirs[] = "0190b2c3-0000-7000-8000-00000000000b";
inline constexpr char kOurNumber[] = "+12025550101";
inline constexpr char kTheirNumber[] = "+12025550102";
inline constexpr char kCalled[] = "+12025550199";
inline constexpr char kKey[] = "0123456789abcdef0123456789abcdef";

class GatewayFixture : public ::testing::Test {
 protected:
  GatewayFixture();

  // An enabled default account of the business, with a default number.
  std::string AddAccount(const std::string& business_id, const std::string& number);
  control::v1::InitiateCallRequest Request() const;
  // A new request_id.
  static std::string NewId();
  rpc::Caller CallerOf(const std::string& business_id) const { return {.business_id = business_id, .actor = "test"}; }

  // What the normalizer would do with an event, for a call of the business.
  void Normalize(const std::vector<events::v1::CallEvent>& facts);
  // A webhook of a call, as an event that tells the provider's id.
  events::v1::CallEvent Webhook(const control::v1::Call& call, const std::string& external_call_id,
                                calls::v1::CallStatus status) const;

  absl::StatusOr<control::v1::Call> Place(const control::v1::InitiateCallRequest& request) {
    return pipeline_.Initiate(CallerOf(kOurs), request);
  }
  control::v1::Call Read(const std::string& call_id) { return *reader_.Get(kOurs, call_id); }
  // Looks after every dial that is due.
  void Reconcile();
  // The facts of the outbox, oldest first.
  std::vector<webhooks::v1::RawWebhook> Outbox();
  int64_t Count(const std::string& sql);
  void Run(const std::string& sql);

  testing_support::TestDatabase database_;
  postgres::Pool owner_{{.url = database_.url()}};
  postgres::Pool pool_{{.url = database_.UrlOf("trunkline_gateway"), .size = 8}};
  postgres::Pool worker_pool_{{.url = database_.UrlOf("trunkline_gateway_worker"), .size = 4}};
  ManualClock clock_{absl::FromUnixSeconds(1'780'000'000)};
  metrics::Registry registry_of_metrics_;
  GatewayMetrics metrics_{registry_of_metrics_};
  ScriptedClient client_;
  providers::Registry registry_ = ScriptedRegistry(client_);
  CredentialVault vault_{{.key = kKey, .secrets_directory = "/nowhere", .secret_prefix = "", .reserved = {}}};
  AccountDirectory directory_{pool_, vault_, clock_};
  DestinationPolicy destinations_{*DestinationPolicy::ReadPrefixes(DestinationPolicy::kUsualHighRisk)};
  tracking::Registry platforms_ =
      tracking::BuiltInPlatforms({.public_url = "https://hooks.example.com", .clock = &clock_});
  Integrations integrations_{registry_, platforms_, "https://hooks.example.com"};
  AccountCommands account_commands_{{pool_, directory_, vault_, integrations_, destinations_, metrics_, clock_}};
  UnlimitedAdmission admission_;
  AccountGuard guard_{clock_};
  // Every bot answers with what the test says.
  absl::StatusOr<http::Response> bot_answer_ = http::Response{.status = 204};
  int bot_requests_ = 0;
  BotWarmer bots_{{.retries = 0},
                  [this](const http::ClientRequest&) {
                    ++bot_requests_;
                    return bot_answer_;
                  },
                  metrics_,
                  clock_};
  ProviderRequests requests_{worker_pool_, metrics_, clock_};
  DialLedger ledger_{pool_};
  CallReader reader_{pool_, clock_};
  DestinationRules destination_rules_{pool_, directory_, clock_};
  DialPipeline pipeline_{{ledger_, reader_, directory_, admission_, bots_, registry_, guard_, destinations_, requests_,
                          metrics_, clock_, [] {}},
                         {.provider_timeout = absl::Seconds(10), .margin = absl::Seconds(3)}};
  CallCarriers carriers_{reader_, directory_, registry_};
  CallEnder ender_{{reader_, carriers_, ledger_, requests_, clock_, [] {}}};
  CallPlanStore plans_{pool_};
  DoubtfulDials doubtful_{worker_pool_};
  DialRetry retry_{{directory_, registry_, guard_, pipeline_, clock_}};
  DialReconciler reconciler_{
      {doubtful_, directory_, registry_, requests_, retry_, pipeline_, metrics_, clock_, [] {}},
      {.request_time = absl::Seconds(16), .settle_time = absl::Seconds(20), .clock_skew = absl::Seconds(5)}};
  std::string our_account_;
  std::string their_account_;
};

}  // namespace trunkline::gateway
