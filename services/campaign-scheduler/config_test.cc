#include "services/campaign-scheduler/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace trunkline::scheduler {
namespace {

SchedulerConfig Read(const std::vector<const char*>& more) {
  std::vector<const char*> words = {"campaign-scheduler",
                                    "--database-url=postgresql://a",
                                    "--worker-database-url=postgresql://b",
                                    "--kafka-bootstrap=127.0.0.1:9092",
                                    "--service-token=token",
                                    "--gateway-address=127.0.0.1:7070",
                                    "--governor-address=127.0.0.1:7080"};
  words.insert(words.end(), more.begin(), more.end());
  ConfigReader reader("campaign-scheduler", "", static_cast<int>(words.size()), words.data());
  return ReadSchedulerConfig(reader);
}

TEST(SchedulerConfigTest, WithoutMoreTheUsualTimesHold) {
  const SchedulerConfig config = Read({});
  EXPECT_EQ(config.engine.call_spacing, absl::Seconds(6));
  EXPECT_EQ(config.engine.slot_wait, absl::Seconds(5));
  EXPECT_EQ(config.engine.warm_up.timeout, absl::Seconds(60));
  EXPECT_EQ(config.engine.warm_up.retries, 3);
  EXPECT_EQ(config.heartbeat, absl::Seconds(30));
  EXPECT_EQ(config.silence, absl::Minutes(2));
  EXPECT_EQ(config.serving.advertised_address, "127.0.0.1:7090");
}

TEST(SchedulerConfigTest, TheNamesThatOperatorsKnowAreTakenInMilliseconds) {
  ::setenv("SUBSEQUENT_CALL_WAIT", "1500", 1);
  ::setenv("ORPHAN_DETECTION_THRESHOLD", "90000", 1);
  const SchedulerConfig config = Read({});
  ::unsetenv("SUBSEQUENT_CALL_WAIT");
  ::unsetenv("ORPHAN_DETECTION_THRESHOLD");
  EXPECT_EQ(config.engine.call_spacing, absl::Milliseconds(1'500));
  EXPECT_EQ(config.silence, absl::Seconds(90));
}

TEST(SchedulerConfigTest, BlockedPrefixesAndGovernorsAreLists) {
  const SchedulerConfig config = Read({"--blocked-prefixes=+1900, +882", "--governor-address=a:1,b:2"});
  EXPECT_EQ(config.blocked_prefixes, (std::vector<std::string>{"+1900", "+882"}));
  EXPECT_EQ(config.governor_addresses, (std::vector<std::string>{"a:1", "b:2"}));
}

TEST(SchedulerConfigDeathTest, WhatCannotWorkIsRefusedByName) {
  for (const auto& [word, named] : std::vector<std::pair<const char*, const char*>>{
           {"--blocked-prefixes=1900", "blocked-prefixes"},
           {"--orphan-detection-threshold=50000", "orphan-detection-threshold"},
           {"--dial-time=100ms", "dial-time"},
           {"--call-silence=0s", "call-silence"},
           {"--subsequent-call-wait=-1", "subsequent-call-wait"},
           {"--governor-address=", "governor-address"}}) {
    EXPECT_EXIT(Read({word}), ::testing::ExitedWithCode(2), named);
  }
}

}  // namespace
}  // namespace trunkline::scheduler
