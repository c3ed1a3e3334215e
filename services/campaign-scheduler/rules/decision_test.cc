#include "services/campaign-scheduler/rules/decision.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::Time ReadTime(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error)) << text << ": " << error;
  return time;
}

// A Thursday, 12:00 in New York, 11:00 in Chicago, 9:00 in Los Angeles, 17:00 in London.
const absl::Time kNoon = ReadTime("2026-01-15T12:00:00-05:00");

// A contact that may be called: everything else is spoilt from here.
struct Case {
  v1::CampaignSettings settings;
  std::vector<std::string> service_prefixes;
  CampaignFacts campaign;
  v1::Contact contact;
  NumberFacts number;
  absl::Time now = kNoon;

  Case() {
    settings.mutable_retries()->set_max_attempts(3);
    campaign.state = v1::CAMPAIGN_STATE_RUNNING;
    contact.set_number("+12125550100");
    contact.set_state(v1::CONTACT_STATE_PENDING);
  }

  v1::Decision Decide() const {
    return scheduler::Decide(DialRules(settings, service_prefixes), campaign, contact, number, now);
  }
  void Window(const std::string& opens, const std::string& closes) {
    v1::CallingWindow* window = settings.mutable_rules()->add_windows();
    window->set_opens(opens);
    window->set_closes(closes);
  }
};

const v1::RuleResult& ResultOf(const v1::Decision& decision, v1::CallRule rule) {
  for (const v1::RuleResult& result : decision.results()) {
    if (result.rule() == rule) return result;
  }
  ADD_FAILURE() << "no " << v1::CallRule_Name(rule);
  return v1::RuleResult::default_instance();
}

TEST(DecisionTest, AContactThatNothingForbidsIsCalled) {
  const v1::Decision decision = Case().Decide();
  EXPECT_TRUE(decision.allowed());
  EXPECT_EQ(decision.rule(), v1::CALL_RULE_UNSPECIFIED);
  EXPECT_EQ(telephony::FromProto(decision.decided_at()), kNoon);
  EXPECT_EQ(telephony::FromProto(decision.next_at()), kNoon);
}

TEST(DecisionTest, EveryRuleIsToldInItsOrder) {
  Case all;
  all.Window("09:00", "20:00");
  const v1::Decision decision = all.Decide();
  ASSERT_EQ(decision.results_size(), v1::CallRule_MAX);
  for (int i = 0; i < decision.results_size(); ++i) {
    EXPECT_EQ(decision.results(i).rule(), i + 1);
    EXPECT_TRUE(decision.results(i).passes());
    EXPECT_FALSE(decision.results(i).has_next_at());
    EXPECT_FALSE(decision.results(i).value().empty()) << RuleName(decision.results(i).rule());
    EXPECT_FALSE(decision.results(i).limit().empty()) << RuleName(decision.results(i).rule());
  }
  EXPECT_THAT(decision.time_zones(), ElementsAre("America/New_York"));
}

// What one fact does: the rule that stands in the way and the next time; "" is never.
struct Row {
  const char* name;
  std::function<void(Case&)> spoil;
  v1::CallRule rule;
  const char* next_at;
  Consequence consequence;
};

TEST(DecisionTest, EachRuleForbidsWhatItIsFor) {
  const auto abandoned = [](int hours_ago, int64_t reached, int64_t lost) {
    return [=](Case& c) {
      c.campaign.people.Note(kNoon - absl::Hours(hours_ago), {.reached = reached, .abandoned = lost});
    };
  };
  const std::vector<Row> rows = {
      {"a campaign that does not run", [](Case& c) { c.campaign.state = v1::CAMPAIGN_STATE_PAUSED; },
       v1::CALL_RULE_CAMPAIGN_STATE, "", Consequence::kLeave},
      {"a campaign of which nothing is known", [](Case& c) { c.campaign.state = v1::CAMPAIGN_STATE_UNSPECIFIED; },
       v1::CALL_RULE_CAMPAIGN_STATE, "", Consequence::kLeave},
      {"a contact under way", [](Case& c) { c.contact.set_state(v1::CONTACT_STATE_IN_FLIGHT); },
       v1::CALL_RULE_CONTACT_STATE, "", Consequence::kLeave},
      {"a contact that is finished", [](Case& c) { c.contact.set_state(v1::CONTACT_STATE_REACHED); },
       v1::CALL_RULE_CONTACT_STATE, "", Consequence::kLeave},
      {"a contact that is not due",
       [](Case& c) {
         c.contact.set_state(v1::CONTACT_STATE_WAITING);
         *c.contact.mutable_due_at() = telephony::ToProto(kNoon + absl::Minutes(5));
       },
       v1::CALL_RULE_NOT_DUE, "2026-01-15T12:05:00-05:00", Consequence::kPutOff},
      {"a contact that waits for nobody knows what", [](Case& c) { c.contact.set_state(v1::CONTACT_STATE_WAITING); },
       v1::CALL_RULE_NOT_DUE, "", Consequence::kSuppress},
      {"a number that is none", [](Case& c) { c.contact.set_number("2125550100"); }, v1::CALL_RULE_INVALID_NUMBER, "",
       Consequence::kSuppress},
      {"a prefix that the campaign blocks",
       [](Case& c) {
         c.settings.mutable_rules()->add_blocked_prefixes("+1213");
         c.settings.mutable_rules()->add_blocked_prefixes("+1212");
       },
       v1::CALL_RULE_BLOCKED_PREFIX, "", Consequence::kSuppress},
      {"a prefix that the service blocks", [](Case& c) { c.service_prefixes = {"+12125550100"}; },
       v1::CALL_RULE_BLOCKED_PREFIX, "", Consequence::kSuppress},
      {"a prefix that cannot be read", [](Case& c) { c.settings.mutable_rules()->add_blocked_prefixes("900"); },
       v1::CALL_RULE_BLOCKED_PREFIX, "", Consequence::kSuppress},
      {"the deployment's list", [](Case& c) { c.number.on_global_list = absl::InfiniteFuture(); },
       v1::CALL_RULE_DO_NOT_CALL_GLOBAL, "", Consequence::kSuppress},
      {"the business's list, for a while", [](Case& c) { c.number.on_business_list = kNoon + absl::Hours(30); },
       v1::CALL_RULE_DO_NOT_CALL_BUSINESS, "2026-01-16T18:00:00-05:00", Consequence::kPutOff},
      {"the campaign's list", [](Case& c) { c.number.on_campaign_list = absl::InfiniteFuture(); },
       v1::CALL_RULE_DO_NOT_CALL_CAMPAIGN, "", Consequence::kSuppress},
      {"a list for longer than anybody looks ahead",
       [](Case& c) { c.number.on_business_list = kNoon + absl::Hours(24 * 401); }, v1::CALL_RULE_DO_NOT_CALL_BUSINESS,
       "", Consequence::kSuppress},
      {"all attempts had", [](Case& c) { c.contact.set_attempts(3); }, v1::CALL_RULE_CONTACT_ATTEMPTS, "",
       Consequence::kExhaust},
      {"one attempt is all without a policy",
       [](Case& c) {
         c.settings.clear_retries();
         c.contact.set_attempts(1);
       },
       v1::CALL_RULE_CONTACT_ATTEMPTS, "", Consequence::kExhaust},
      {"attempts that nobody can have had", [](Case& c) { c.contact.set_attempts(-1); }, v1::CALL_RULE_CONTACT_ATTEMPTS,
       "", Consequence::kExhaust},
      {"called often enough within a day",
       [](Case& c) {
         c.settings.mutable_rules()->set_max_calls_per_number_per_day(2);
         c.number.dials = {kNoon - absl::Hours(30), kNoon - absl::Hours(3), kNoon - absl::Hours(23)};
       },
       v1::CALL_RULE_NUMBER_PER_DAY, "2026-01-15T13:00:00-05:00", Consequence::kPutOff},
      {"called often enough within a week",
       [](Case& c) {
         c.settings.mutable_rules()->set_max_calls_per_number_per_week(1);
         c.number.dials = {kNoon - absl::Hours(24 * 6)};
       },
       v1::CALL_RULE_NUMBER_PER_WEEK, "2026-01-16T12:00:00-05:00", Consequence::kPutOff},
      {"a call that another clock puts ahead of us",
       [](Case& c) {
         c.settings.mutable_rules()->set_max_calls_per_number_per_day(1);
         c.number.dials = {kNoon + absl::Hours(1)};
       },
       v1::CALL_RULE_NUMBER_PER_DAY, "2026-01-16T13:00:00-05:00", Consequence::kPutOff},
      {"a cap that cannot be", [](Case& c) { c.settings.mutable_rules()->set_max_calls_per_number_per_day(-1); },
       v1::CALL_RULE_NUMBER_PER_DAY, "", Consequence::kSuppress},
      {"before the window", [](Case& c) { c.Window("13:00", "20:00"); }, v1::CALL_RULE_CALLING_WINDOW,
       "2026-01-15T13:00:00-05:00", Consequence::kPutOff},
      {"after the window", [](Case& c) { c.Window("09:00", "12:00"); }, v1::CALL_RULE_CALLING_WINDOW,
       "2026-01-16T09:00:00-05:00", Consequence::kPutOff},
      {"a window that cannot be read", [](Case& c) { c.Window("9am", "20:00"); }, v1::CALL_RULE_CALLING_WINDOW, "",
       Consequence::kSuppress},
      {"a holiday", [](Case& c) { c.settings.mutable_rules()->add_holidays("2026-01-15"); }, v1::CALL_RULE_HOLIDAY,
       "2026-01-16T00:00:00-05:00", Consequence::kPutOff},
      {"a zone that is none",
       [](Case& c) {
         c.Window("09:00", "20:00");
         c.contact.set_time_zone("America/Gotham");
       },
       v1::CALL_RULE_TIME_ZONE_UNKNOWN, "", Consequence::kSuppress},
      {"no zone at all",
       [](Case& c) {
         c.Window("00:00", "24:00");
         c.contact.set_number("+88213300655");
       },
       v1::CALL_RULE_TIME_ZONE_UNKNOWN, "", Consequence::kSuppress},
      {"too many abandoned within a day",
       [&](Case& c) {
         abandoned(1, 100, 4)(c);
         abandoned(72, 900, 0)(c);
       },
       v1::CALL_RULE_ABANDON_RATE, "2026-01-16T12:00:00-05:00", Consequence::kPutOff},
      {"too many abandoned within 30 days", abandoned(72, 100, 4), v1::CALL_RULE_ABANDON_RATE,
       "2026-02-11T13:00:00-05:00", Consequence::kPutOff},
      {"a rate that cannot be", [](Case& c) { c.settings.mutable_rules()->set_max_abandon_rate(-1); },
       v1::CALL_RULE_ABANDON_RATE, "", Consequence::kSuppress},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.name);
    Case spoilt;
    row.spoil(spoilt);
    const v1::Decision decision = spoilt.Decide();
    EXPECT_FALSE(decision.allowed());
    EXPECT_EQ(decision.rule(), row.rule) << RuleName(decision.rule());
    EXPECT_EQ(decision.has_next_at() ? telephony::FromProto(decision.next_at()) : absl::InfiniteFuture(),
              *row.next_at == '\0' ? absl::InfiniteFuture() : ReadTime(row.next_at));
    EXPECT_EQ(ConsequenceOf(decision), row.consequence);
    const v1::RuleResult& result = ResultOf(decision, row.rule);
    EXPECT_FALSE(result.passes());
    EXPECT_FALSE(result.value().empty());
  }
}

TEST(DecisionTest, WhatComesCloseAndIsAllowedIsAllowed) {
  const std::vector<std::function<void(Case&)>> close = {
      [](Case& c) {
        c.contact.set_state(v1::CONTACT_STATE_WAITING);
        *c.contact.mutable_due_at() = telephony::ToProto(kNoon);
      },
      [](Case& c) { c.contact.set_attempts(2); },
      [](Case& c) { c.settings.mutable_rules()->add_blocked_prefixes("+12125550101"); },
      [](Case& c) { c.number.on_business_list = kNoon; },
      [](Case& c) {
        c.settings.mutable_rules()->set_max_calls_per_number_per_day(1);
        c.number.dials = {kNoon - absl::Hours(24)};
      },
      [](Case& c) {
        c.settings.mutable_rules()->set_max_calls_per_number_per_week(2);
        c.number.dials = {kNoon - absl::Hours(1)};
      },
      [](Case& c) { c.Window("12:00", "12:01"); },
      [](Case& c) { c.settings.mutable_rules()->add_holidays("2026-01-16"); },
      [](Case& c) { c.campaign.people.Note(kNoon, {.reached = 100, .abandoned = 3}); },
      [](Case& c) { c.campaign.people.Note(kNoon, {.reached = 99, .abandoned = 99}); },
      [](Case& c) { c.contact.set_number("+88213300655"); },
  };
  for (size_t i = 0; i < close.size(); ++i) {
    Case c;
    close[i](c);
    EXPECT_TRUE(c.Decide().allowed()) << i << ": " << c.Decide().ShortDebugString();
  }
}

TEST(DecisionTest, TheZoneOfTheRecordStandsAboveThatOfTheNumber) {
  Case c;
  c.Window("09:00", "20:00");
  c.contact.set_time_zone("Asia/Tokyo");  // 02:00 there
  const v1::Decision decision = c.Decide();
  EXPECT_EQ(decision.rule(), v1::CALL_RULE_CALLING_WINDOW);
  EXPECT_EQ(ResultOf(decision, v1::CALL_RULE_CALLING_WINDOW).value(), "Fri 02:00 Asia/Tokyo");
  EXPECT_EQ(ResultOf(decision, v1::CALL_RULE_CALLING_WINDOW).limit(), "09:00-20:00");
  EXPECT_EQ(telephony::FromProto(decision.next_at()), ReadTime("2026-01-16T09:00:00+09:00"));
}

TEST(DecisionTest, WithTwoZonesBothHaveToBeOpen) {
  Case c;
  c.contact.set_number("+18505550100");  // Florida: New York and Chicago
  c.Window("09:00", "20:00");
  c.now = ReadTime("2026-01-15T09:30:00-05:00");  // 08:30 in Chicago
  EXPECT_EQ(telephony::FromProto(c.Decide().next_at()), ReadTime("2026-01-15T09:00:00-06:00"));
  EXPECT_EQ(ResultOf(c.Decide(), v1::CALL_RULE_CALLING_WINDOW).value(), "Thu 08:30 America/Chicago");
  c.now = ReadTime("2026-01-15T19:30:00-06:00");  // 20:30 in New York
  EXPECT_EQ(telephony::FromProto(c.Decide().next_at()), ReadTime("2026-01-16T09:00:00-06:00"));
  c.now = ReadTime("2026-01-15T18:59:00-06:00");
  EXPECT_TRUE(c.Decide().allowed());
  EXPECT_THAT(c.Decide().time_zones(), ElementsAre("America/Chicago", "America/New_York"));
}

TEST(DecisionTest, AHolidayInOneZoneIsOneForTheNumber) {
  Case c;
  c.contact.set_number("+18505550100");
  c.settings.mutable_rules()->add_holidays("2026-01-16");
  c.now = ReadTime("2026-01-16T00:30:00-05:00");  // still the 15th in Chicago
  const v1::Decision decision = c.Decide();
  EXPECT_EQ(decision.rule(), v1::CALL_RULE_HOLIDAY);
  EXPECT_EQ(telephony::FromProto(decision.next_at()), ReadTime("2026-01-17T00:00:00-06:00"));
}

// From Guam to Hawaii: what is open everywhere is the evening in New York.
TEST(DecisionTest, ATollFreeNumberIsCalledWhenItIsDayEverywhere) {
  Case c;
  c.contact.set_number("+18005550100");
  c.Window("09:00", "21:00");
  const v1::Decision decision = c.Decide();
  EXPECT_EQ(decision.rule(), v1::CALL_RULE_CALLING_WINDOW);
  EXPECT_GT(decision.time_zones_size(), 30);
  ASSERT_TRUE(decision.has_next_at());
  const absl::Time next = telephony::FromProto(decision.next_at());
  for (const std::string& name : decision.time_zones()) {
    absl::TimeZone zone;
    ASSERT_TRUE(absl::LoadTimeZone(name, &zone));
    EXPECT_GE(zone.At(next).cs.hour(), 9) << name;
    EXPECT_LT(zone.At(next).cs.hour(), 21) << name;
  }
}

TEST(DecisionTest, HoursThatNoMomentKeepsEverywhereMeanNever) {
  Case c;
  c.contact.set_number("+18005550100");
  c.Window("09:00", "11:00");
  const v1::Decision decision = c.Decide();
  EXPECT_FALSE(decision.has_next_at());
  EXPECT_EQ(ConsequenceOf(decision), Consequence::kSuppress);
}

TEST(DecisionTest, TheFallbackIsForNumbersThatTellNothing) {
  Case c;
  c.Window("09:00", "20:00");
  c.settings.mutable_rules()->set_fallback_time_zone("Asia/Tokyo");
  EXPECT_THAT(c.Decide().time_zones(), ElementsAre("America/New_York"));
  c.contact.set_number("+88213300655");
  EXPECT_THAT(c.Decide().time_zones(), ElementsAre("Asia/Tokyo"));
}

TEST(DecisionTest, TheNextTimeIsOneAtWhichAllRulesPassTogether) {
  Case c;
  c.Window("09:00", "12:00");
  c.settings.mutable_rules()->add_holidays("2026-01-16");
  c.settings.mutable_rules()->set_max_calls_per_number_per_day(1);
  c.number.dials = {kNoon - absl::Hours(1)};
  c.number.on_campaign_list = ReadTime("2026-01-17T13:00:00-05:00");
  const v1::Decision decision = c.Decide();
  EXPECT_EQ(decision.rule(), v1::CALL_RULE_DO_NOT_CALL_CAMPAIGN) << "the first one in order";
  EXPECT_EQ(telephony::FromProto(ResultOf(decision, v1::CALL_RULE_CALLING_WINDOW).next_at()),
            ReadTime("2026-01-16T09:00:00-05:00"));
  EXPECT_EQ(telephony::FromProto(ResultOf(decision, v1::CALL_RULE_NUMBER_PER_DAY).next_at()),
            ReadTime("2026-01-16T11:00:00-05:00"));
  EXPECT_EQ(telephony::FromProto(decision.next_at()), ReadTime("2026-01-18T09:00:00-05:00"));
}

TEST(DecisionTest, NoAttemptsLeftFinishesTheContactWhateverElseStandsInTheWay) {
  Case c;
  c.Window("13:00", "20:00");
  c.number.on_global_list = absl::InfiniteFuture();
  c.contact.set_attempts(3);
  EXPECT_EQ(ConsequenceOf(c.Decide()), Consequence::kExhaust);
}

TEST(DecisionTest, WhatAnAbandonRateIsSaysItInWords) {
  Case c;
  c.campaign.people.Note(kNoon, {.reached = 150, .abandoned = 6});
  c.campaign.people.Note(kNoon - absl::Hours(100), {.reached = 150, .abandoned = 0});
  const v1::Decision decision = c.Decide();
  const v1::RuleResult& result = ResultOf(decision, v1::CALL_RULE_ABANDON_RATE);
  EXPECT_EQ(result.value(), "4.00 % of 150 in 24 hours, 2.00 % of 300 in 30 days");
  EXPECT_EQ(result.limit(), "3.00 % from 100 on");
}

TEST(DecisionTest, SettingsThatCannotBeReadSayWhich) {
  EXPECT_TRUE(DialRules({}, {}).CheckReadable().ok());
  v1::CampaignSettings settings;
  settings.mutable_rules()->add_windows()->set_opens("x");
  const absl::Status status = DialRules(settings, {}).CheckReadable();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("settings.rules.windows"));
  EXPECT_FALSE(DialRules({}, {"+"}).CheckReadable().ok());
}

TEST(RuleNameTest, IsLowerCaseWithoutThePrefix) {
  EXPECT_EQ(RuleName(v1::CALL_RULE_CALLING_WINDOW), "calling_window");
  EXPECT_EQ(RuleName(v1::CALL_RULE_UNSPECIFIED), "");
  EXPECT_EQ(RuleName(static_cast<v1::CallRule>(99)), "");
}

}  // namespace
}  // namespace trunkline::scheduler
