#include "services/gateway/config.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::gateway {
namespace {

GatewayConfig Read(const std::vector<const char*>& more) {
  std::vector<const char*> words = {
      "gateway",
      "--database-url=postgresql://a",
      "--worker-database-url=postgresql://b",
      "--kafka-bootstrap=127.0.0.1:9092",
      "--public-url=https://hooks.example.com",
      "--service-token=token",
      "--credential-key=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"};
  words.insert(words.end(), more.begin(), more.end());
  ConfigReader reader("gateway", "", static_cast<int>(words.size()), words.data());
  return ReadGatewayConfig(reader);
}

TEST(GatewayConfigTest, AccountsMayReferToSecretsOfTheirBusinessAlone) {
  EXPECT_EQ(Read({}).account_secret_prefix, "account-{business_id}-");
  EXPECT_EQ(Read({"--account-secret-prefix=tenant-"}).account_secret_prefix, "tenant-");
}

TEST(GatewayConfigDeathTest, ADeploymentCannotOpenEverySecretToAccounts) {
  EXPECT_EXIT(Read({"--account-secret-prefix="}), ::testing::ExitedWithCode(2), "account-secret-prefix");
}

TEST(GatewayConfigTest, DownloadLinksHaveAKeyOfTheirOwn) {
  const GatewayConfig config = Read({});
  EXPECT_EQ(config.link_key.size(), 32u);
  EXPECT_NE(config.link_key, config.credential_key);
  EXPECT_EQ(Read({}).link_key, config.link_key);
  EXPECT_EQ(Read({"--link-key=ff02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1fff"}).link_key.front(),
            '\xff');
}

TEST(GatewayConfigDeathTest, AKeyForLinksIsWhole) {
  EXPECT_EXIT(Read({"--link-key=abc"}), ::testing::ExitedWithCode(2), "link-key");
}

TEST(GatewayConfigTest, OriginsAreAList) {
  EXPECT_TRUE(Read({}).cors_origins.empty());
  EXPECT_EQ(Read({"--cors-origins=https://a.example, https://b.example"}).cors_origins,
            (std::set<std::string>{"https://a.example", "https://b.example"}));
}

}  // namespace
}  // namespace trunkline::gateway
