#include "libs/tracking/apply_mode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "libs/telephony/timestamps.h"

namespace trunkline::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kNoon[] = "2026-03-01T12:00:00+01:00";

webhooks::v1::RawWebhook Applied(std::map<std::string, std::string> settings) {
  webhooks::v1::RawWebhook raw;
  ApplyTo({.settings = std::move(settings)}, &raw);
  return raw;
}

std::vector<std::string> WrongFields(std::map<std::string, std::string> settings) {
  const providers::Account account{.settings = std::move(settings)};
  providers::AccountForm form(account);
  CheckApplyMode(account, &form);
  std::vector<std::string> fields;
  for (const auto& problem : std::move(form).Problems()) fields.push_back(problem.field);
  return fields;
}

TEST(ApplyModeTest, CallsAreAppliedUnlessAnAccountSaysOtherwise) {
  for (const auto& settings : std::vector<std::map<std::string, std::string>>{
           {}, {{"apply_mode", "all"}}, {{"apply_mode", "all"}, {"apply_from", kNoon}}}) {
    EXPECT_FALSE(Applied(settings).shadow());
    EXPECT_FALSE(Applied(settings).has_apply_calls_from());
  }
}

TEST(ApplyModeTest, ShadowHoldsForEveryCall) {
  EXPECT_TRUE(Applied({{"apply_mode", "shadow"}, {"apply_from", kNoon}}).shadow());
  EXPECT_FALSE(Applied({{"apply_mode", "shadow"}, {"apply_from", kNoon}}).has_apply_calls_from());
}

TEST(ApplyModeTest, NewCallsAreThoseFromATimeOn) {
  const auto raw = Applied({{"apply_mode", "new_calls"}, {"apply_from", kNoon}});
  EXPECT_FALSE(raw.shadow());
  EXPECT_EQ(telephony::FromProto(raw.apply_calls_from()),
            absl::FromCivil(absl::CivilHour(2026, 3, 1, 11), absl::UTCTimeZone()));
}

TEST(ApplyModeTest, WhatCannotBeReadAppliesNothing) {
  EXPECT_TRUE(Applied({{"apply_mode", "new_calls"}}).shadow());
  EXPECT_TRUE(Applied({{"apply_mode", "new_calls"}, {"apply_from", "noon"}}).shadow());
  EXPECT_TRUE(Applied({{"apply_mode", "some"}}).shadow());
}

TEST(ApplyModeTest, AMessageForgetsWhatItSaidBefore) {
  webhooks::v1::RawWebhook raw;
  ApplyTo({.settings = {{"apply_mode", "shadow"}}}, &raw);
  ApplyTo({.settings = {}}, &raw);
  EXPECT_FALSE(raw.shadow());
}

TEST(ApplyModeTest, WrongSettingsAreNamed) {
  EXPECT_THAT(WrongFields({}), IsEmpty());
  EXPECT_THAT(WrongFields({{"apply_mode", "new_calls"}, {"apply_from", kNoon}}), IsEmpty());
  EXPECT_THAT(WrongFields({{"apply_mode", "some"}}), ElementsAre("settings.apply_mode"));
  EXPECT_THAT(WrongFields({{"apply_from", "2026-03-01"}}), ElementsAre("settings.apply_from"));
  EXPECT_THAT(WrongFields({{"apply_from", "infinite-future"}}), ElementsAre("settings.apply_from"));
  EXPECT_THAT(WrongFields({{"apply_mode", "new_calls"}}), ElementsAre("settings.apply_from"));
}

}  // namespace
}  // namespace trunkline::tracking
