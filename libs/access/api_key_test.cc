#include <gtest/gtest.h>

#include <string>

#include "libs/access/api_key_authenticator.h"

namespace trunkline::access {
namespace {

TEST(ApiKeyTest, OnlyTheFormOfAKeyIsAsked) {
  EXPECT_TRUE(IsApiKey("tl_" + std::string(43, '-')));
  EXPECT_FALSE(IsApiKey("tl_" + std::string(42, 'a')));
  EXPECT_FALSE(IsApiKey("tl_" + std::string(43, '/')));
  EXPECT_FALSE(IsApiKey("xx_" + std::string(43, 'a')));
}

}  // namespace
}  // namespace trunkline::access
