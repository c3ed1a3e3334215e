#include "libs/base/environment_seal.h"

#include <gtest/gtest.h>

namespace trunkline {
namespace {

const std::string kKey(32, 'k');

TEST(EnvironmentSealTest, OpensAsTheValueOfItsVariableOnly) {
  const std::string sealed = SealForEnvironment(kKey, "A_KEY", "s3cret");
  EXPECT_EQ(sealed.find("s3cret"), std::string::npos);
  EXPECT_EQ(*OpenFromEnvironment(kKey, "A_KEY", sealed), "s3cret");
  EXPECT_FALSE(OpenFromEnvironment(kKey, "B_KEY", sealed).ok());
  EXPECT_FALSE(OpenFromEnvironment(std::string(32, 'x'), "A_KEY", sealed).ok());
}

TEST(EnvironmentSealTest, AnythingElseDoesNotOpen) {
  for (const char* text : {"", "s3cret", "sealed:", "sealed:%%%", "sealed:c2VjcmV0"}) {
    EXPECT_FALSE(OpenFromEnvironment(kKey, "A_KEY", text).ok()) << text;
  }
}

}  // namespace
}  // namespace trunkline
