#include "libs/serving/serving_settings.h"

#include <gtest/gtest.h>

#include <vector>

namespace trunkline::serving {
namespace {

ServingSettings Read(const std::vector<const char*>& more, absl::Status* problems = nullptr) {
  std::vector<const char*> words = {"program"};
  words.insert(words.end(), more.begin(), more.end());
  ConfigReader reader("program", "", static_cast<int>(words.size()), words.data());
  ServingSettings settings = ReadServingSettings(reader, 7090, 7091, "where it is known");
  if (problems != nullptr) *problems = reader.Check();
  return settings;
}

TEST(ServingSettingsTest, WithoutMoreItServesHereOnTheServicesPorts) {
  const ServingSettings settings = Read({});
  EXPECT_EQ(settings.grpc_address, "127.0.0.1");
  EXPECT_EQ(settings.grpc_port, 7090);
  EXPECT_EQ(settings.admin_address, "127.0.0.1");
  EXPECT_EQ(settings.admin_port, 7091);
  EXPECT_EQ(settings.drain_limit, absl::Seconds(10));
}

TEST(ServingSettingsTest, AReplicaIsKnownByItsAddressOrByAnotherOne) {
  EXPECT_EQ(Read({"--grpc-address=0.0.0.0", "--grpc-port=8000"}).advertised_address, "0.0.0.0:8000");
  EXPECT_EQ(Read({"--advertised-address=scheduler-0:7090"}).advertised_address, "scheduler-0:7090");
}

TEST(ServingSettingsTest, OnlyTheAdminPortMayBePicked) {
  absl::Status problems;
  Read({"--admin-port=0"}, &problems);
  EXPECT_TRUE(problems.ok()) << problems;
  Read({"--grpc-port=0"}, &problems);
  EXPECT_FALSE(problems.ok()) << "nobody would know where it is";
}

}  // namespace
}  // namespace trunkline::serving
