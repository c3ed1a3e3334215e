// The fields of requests, credentials and the hub: what needs no database.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "libs/base/encoding.h"
#include "libs/base/status.h"
#include "libs/metrics/registry.h"
#include "services/gateway/accounts/credential_vault.h"
#include "services/gateway/calls/call_event_hub.h"
#include "services/gateway/dialing/initiate_checks.h"

namespace trunkline::gateway {
namespace {

using ::testing::HasSubstr;

constexpr char kId[] = "0190b2c3-0000-7000-8000-000000000001";

control::v1::InitiateCallRequest Good() {
  control::v1::InitiateCallRequest request;
  request.set_request_id(kId);
  request.set_to("+12025550199");
  return request;
}

TEST(InitiateChecksTest, EveryWrongFieldIsNamed) {
  control::v1::InitiateCallRequest request;
  request.set_request_id("x");
  request.set_to("x");
  request.set_from("x");
  request.set_provider_account_id("x");
  request.mutable_ring_timeout()->set_seconds(1);
  request.mutable_time_limit()->set_seconds(0);
  for (int i = 0; i < 21; ++i) request.add_tags(std::string(65, 'x'));
  (*request.mutable_custom_data())["x"] = std::string(5'000, 'x');
  request.set_campaign_id(std::string(200, 'x'));
  request.set_attempt_id(std::string("\xFF"));
  const std::string message(CheckInitiate(request).status().message());
  for (const char* field : {"request_id:", "to:", "from:", "provider_account_id:", "ring_timeout:", "time_limit:",
                            "tags:", "tags[0]:", "custom_data:", "campaign_id:", "attempt_id:"}) {
    EXPECT_THAT(message, HasSubstr(field));
  }
}

TEST(InitiateChecksTest, TheDigestDoesNotDependOnTheOrderOfMaps) {
  auto a = Good();
  auto b = Good();
  for (int i = 0; i < 50; ++i) (*a.mutable_custom_data())[std::to_string(i)] = "x";
  for (int i = 49; i >= 0; --i) (*b.mutable_custom_data())[std::to_string(i)] = "x";
  EXPECT_EQ(CheckInitiate(a)->body_sha256, CheckInitiate(b)->body_sha256);
  (*b.mutable_custom_data())["0"] = "y";
  EXPECT_NE(CheckInitiate(a)->body_sha256, CheckInitiate(b)->body_sha256);
  EXPECT_EQ(DialOptionsOf(a, "").ring_timeout, absl::Seconds(60));
}

TEST(CredentialVaultTest, ReferencesOpenAndReservedSecretsDoNot) {
  const std::string directory = ::testing::TempDir() + "/vault";
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/token") << "value\n";
  std::ofstream(directory + "/service-token") << "internal\n";
  std::ofstream(directory + "/owner-database-url") << "postgresql://\n";
  std::ofstream(directory + "/credential-key") << HexEncode(std::string(32, 'k')) << "\n";
  const CredentialVault vault(
      {.key = std::string(32, 'k'), .secrets_directory = directory, .secret_prefix = "", .reserved = {"internal"}});
  EXPECT_EQ(*vault.Store("b", "a", "n", "secret:token"), "secret:token");
  EXPECT_EQ(*vault.Open("b", "a", "n", "secret:token"), "value");
  for (const char* name : {"secret:service-token", "secret:owner-database-url", "secret:credential-key",
                           "secret:missing", "secret:../x"}) {
    EXPECT_EQ(vault.Store("b", "a", "n", name).status().code(), absl::StatusCode::kInvalidArgument) << name;
    EXPECT_FALSE(vault.Open("b", "a", "n", name).ok()) << name;
  }
  const std::string sealed = *vault.Store("b", "a", "n", "plain");
  EXPECT_EQ(*vault.Open("b", "a", "n", sealed), "plain");
  EXPECT_FALSE(vault.Open("b", "a", "other", sealed).ok());
  EXPECT_EQ(Shown(sealed), "(stored)");
  EXPECT_EQ(Shown("secret:token"), "secret:token");
}

TEST(CredentialVaultTest, APrefixKeepsBusinessesApart) {
  const std::string directory = ::testing::TempDir() + "/prefixed";
  std::filesystem::create_directories(directory);
  std::ofstream(directory + "/b1-token") << "value\n";
  const CredentialVault vault(
      {.key = std::string(32, 'k'), .secrets_directory = directory, .secret_prefix = "{business_id}-", .reserved = {}});
  EXPECT_TRUE(vault.Store("b1", "a", "n", "secret:b1-token").ok());
  EXPECT_FALSE(vault.Store("b2", "a", "n", "secret:b1-token").ok());
}

class CountingWatcher final : public CallWatcher {
 public:
  void Offer(const Update& /*update*/) override { ++offered; }
  void End(const absl::Status& status) override { end = status; }
  int offered = 0;
  absl::Status end;
};

TEST(CallEventHubTest, EachWatcherGetsWhatItAskedFor) {
  metrics::Registry registry;
  GatewayMetrics metrics(registry);
  CallEventHub hub(5, metrics);
  std::vector<std::shared_ptr<CountingWatcher>> watchers;
  const std::vector<WatchFilter> filters = {
      {.business_id = "b", .call_ids = {}, .campaign_id = "", .types = {}},
      {.business_id = "b", .call_ids = {"1", "2"}, .campaign_id = "", .types = {}},
      {.business_id = "b", .call_ids = {}, .campaign_id = "spring", .types = {}},
      {.business_id = "b", .call_ids = {}, .campaign_id = "", .types = {events::v1::CALL_EVENT_TYPE_ENDED}},
      {.business_id = "other", .call_ids = {"1"}, .campaign_id = "", .types = {}}};
  for (const WatchFilter& filter : filters) {
    ASSERT_TRUE(hub.Register(watchers.emplace_back(std::make_shared<CountingWatcher>()), filter).ok());
  }
  EXPECT_EQ(ReasonOf(hub.Register(std::make_shared<CountingWatcher>(), filters[0])), Reason::REASON_LIMIT_REACHED);

  events::v1::CallEvent event;
  event.set_business_id("b");
  event.set_call_id("1");
  hub.Publish(event);
  event.set_call_id("3");
  event.set_type(events::v1::CALL_EVENT_TYPE_ENDED);
  event.mutable_call()->mutable_details()->set_campaign_id("spring");
  hub.Publish(event);
  std::vector<int> offered;
  for (const auto& watcher : watchers) offered.push_back(watcher->offered);
  EXPECT_THAT(offered, ::testing::ElementsAre(2, 1, 1, 1, 0));

  hub.Unregister(watchers[0]);
  hub.Unregister(watchers[1]);
  event.set_call_id("1");
  hub.Publish(event);
  EXPECT_EQ(watchers[0]->offered, 2);
  EXPECT_EQ(watchers[1]->offered, 1);
  hub.Close();
  EXPECT_TRUE(watchers[0]->end.ok());
  EXPECT_EQ(ReasonOf(watchers[2]->end), Reason::REASON_SHUTTING_DOWN);
  EXPECT_EQ(ReasonOf(hub.Register(watchers[0], filters[0])), Reason::REASON_SHUTTING_DOWN);
}

}  // namespace
}  // namespace trunkline::gateway
