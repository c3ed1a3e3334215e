#include "tools/provider-twin/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::twin {
namespace {

using ::testing::HasSubstr;

TEST(SettingsTest, OnlyWhatIsNamedChanges) {
  const auto settings = ChangeSettings({}, R"({"webhook_loss": 0.5, "over_limit": "reject", "seed": 7})");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_EQ(settings->webhook_loss, 0.5);
  EXPECT_EQ(settings->over_limit, OverLimit::kReject);
  EXPECT_EQ(settings->seed, 7);
  EXPECT_EQ(settings->time_scale, 1);
}

TEST(SettingsTest, RenderedSettingsCanBeRead) {
  Settings settings;
  settings.time_scale = 0.01;
  settings.calls_per_second = 5;
  const auto read = ChangeSettings({}, RenderSettings(settings));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(RenderSettings(*read), RenderSettings(settings));
}

TEST(SettingsTest, WhatIsWrongIsNamed) {
  for (const auto* json : {R"({"webhook_loss": 2})", R"({"webhook_loss": "x"})"}) {
    EXPECT_THAT(std::string(ChangeSettings({}, json).status().message()), HasSubstr("webhook_loss must be")) << json;
  }
  EXPECT_THAT(std::string(ChangeSettings({}, R"({"loss": 1})").status().message()), HasSubstr("no setting loss"));
  EXPECT_FALSE(ChangeSettings({}, "[]").ok());
  EXPECT_FALSE(ChangeSettings({}, R"({"over_limit": "x"})").ok());
  EXPECT_FALSE(ChangeSettings({}, R"({"seed": -1})").ok());
}

}  // namespace
}  // namespace trunkline::twin
