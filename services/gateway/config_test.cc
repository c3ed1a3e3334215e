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

}  // namespace
}  // namespace trunkline::gateway
