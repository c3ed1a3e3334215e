#include "libs/base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace trunkline {
namespace {

using ::testing::HasSubstr;

ConfigReader Reader(const std::vector<const char*>& flags) {
  std::vector<const char*> argv = {"program"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return ConfigReader("program", "for a test", static_cast<int>(argv.size()), argv.data());
}

TEST(ConfigTest, AFlagWinsOverTheEnvironmentAndThatOverTheDefault) {
  setenv("TRUNKLINE_TEST_PORT", "2", 1);
  ConfigReader reader = Reader({"--other-port=3", "--test-port=4"});
  EXPECT_EQ(reader.Int("test-port", 1, 0, 9, "x"), 4);
  EXPECT_EQ(reader.Int("other-port", 1, 0, 9, "x"), 3);
  EXPECT_TRUE(reader.Check().ok());
  ConfigReader without = Reader({});
  EXPECT_EQ(without.Int("test-port", 1, 0, 9, "x"), 2);
  unsetenv("TRUNKLINE_TEST_PORT");
  ConfigReader bare = Reader({});
  EXPECT_EQ(bare.Int("test-port", 1, 0, 9, "x"), 1);
}

TEST(ConfigTest, APlainVariableCountsAfterTheSettingsOwn) {
  setenv("TEST_CALLS", "7", 1);
  ConfigReader plain = Reader({});
  EXPECT_EQ(plain.Int("test-calls", 1, 0, 9, "x", "TEST_CALLS"), 7);
  EXPECT_THAT(plain.Help(), HasSubstr("also as TEST_CALLS"));
  setenv("TRUNKLINE_TEST_CALLS", "8", 1);
  EXPECT_EQ(Reader({}).Int("test-calls", 1, 0, 9, "x", "TEST_CALLS"), 8);
  unsetenv("TRUNKLINE_TEST_CALLS");
  setenv("TEST_CALLS", "many", 1);
  ConfigReader wrong = Reader({});
  wrong.Int("test-calls", 1, 0, 9, "x", "TEST_CALLS");
  EXPECT_THAT(std::string(wrong.Check().message()), HasSubstr("many"));
  unsetenv("TEST_CALLS");
}

TEST(ConfigTest, EveryProblemIsToldAtOnce) {
  ConfigReader reader = Reader({"--port=70000", "--tiemout=5s", "stray", "--wait=soon"});
  reader.Int("port", 1, 0, 65535, "x");
  reader.Duration("timeout", absl::Seconds(1), "x");
  reader.Duration("wait", absl::Seconds(1), "x");
  reader.Text("name", std::nullopt, "x");
  const absl::Status status = reader.Check();
  EXPECT_THAT(std::string(status.message()), HasSubstr("must be a whole number from 0 to 65535, not '70000'"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("no setting --tiemout; did you mean --timeout?"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("cannot read argument 'stray'"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--wait (or TRUNKLINE_WAIT) must be a time"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--name (or TRUNKLINE_NAME) is required"));
}

TEST(ConfigTest, SecretsAreNotShown) {
  ConfigReader reader = Reader({"--token=s3cret"});
  EXPECT_EQ(reader.Secret("token", true, "x"), "s3cret");
  EXPECT_EQ(reader.Effective().find("s3cret"), std::string::npos);
}

TEST(ConfigTest, ListsLeaveEmptyPiecesOut) {
  ConfigReader reader = Reader({"--items= a ,,b"});
  EXPECT_EQ(reader.List("items", "", "x"), (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace trunkline
