#include "libs/base/secrets.h"

#include <gtest/gtest.h>

#include <fstream>

namespace trunkline {
namespace {

TEST(SecretsTest, AReferenceIsReadFromItsFile) {
  const std::string directory = ::testing::TempDir();
  std::ofstream(directory + "/token-1") << "s3cret\n";
  EXPECT_EQ(*ResolveSecret("secret:token-1", directory), "s3cret");
  EXPECT_EQ(*ResolveSecret("plain", directory), "plain");
  EXPECT_EQ(ResolveSecret("secret:missing", directory).status().code(), absl::StatusCode::kNotFound);
}

TEST(SecretsTest, ANameCannotLeaveTheDirectory) {
  for (const char* value : {"secret:", "secret:../x", "secret:a/b", "secret:.hidden", "secret:a b"}) {
    EXPECT_EQ(ResolveSecret(value, "/tmp").status().code(), absl::StatusCode::kInvalidArgument) << value;
  }
}

}  // namespace
}  // namespace trunkline
