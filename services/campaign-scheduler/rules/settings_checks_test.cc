#include "services/campaign-scheduler/rules/settings_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace trunkline::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> WrongFields(const v1::CampaignSettings& settings) {
  FieldChecks checks;
  CheckSettings(settings, "settings", checks);
  std::vector<std::string> fields;
  for (const FieldViolation& violation : checks.violations()) fields.push_back(violation.field);
  return fields;
}

v1::CampaignSettings Full() {
  v1::CampaignSettings settings;
  settings.set_provider_account_id("0190b2c3-0000-7000-8000-000000000001");
  settings.set_from("+12025550199");
  settings.mutable_plan()->add_verbs()->mutable_say()->set_text("Hello {{name}}");
  settings.mutable_ring_timeout()->set_seconds(30);
  settings.mutable_time_limit()->set_seconds(600);
  settings.set_default_region("IN");
  settings.mutable_pacing()->set_calls_per_second(10);
  settings.mutable_pacing()->set_calls_per_minute(100);
  settings.mutable_pacing()->mutable_call_spacing()->set_seconds(6);
  settings.mutable_pacing()->set_max_concurrent_calls(40);
  settings.mutable_pacing()->mutable_ramp_up()->set_seconds(60);
  settings.mutable_pacing()->mutable_slot_wait()->set_seconds(5);
  settings.mutable_pacing()->set_weight(2);
  v1::CallingRules* rules = settings.mutable_rules();
  v1::CallingWindow* window = rules->add_windows();
  window->add_days(v1::WEEKDAY_MONDAY);
  window->set_opens("09:00");
  window->set_closes("24:00");
  rules->add_holidays("2026-12-25");
  rules->set_fallback_time_zone("America/New_York");
  rules->set_max_calls_per_number_per_day(2);
  rules->set_max_calls_per_number_per_week(5);
  rules->set_max_abandon_rate(200);
  rules->set_abandon_rate_after(50);
  rules->add_blocked_prefixes("+1900");
  settings.mutable_retries()->set_max_attempts(5);
  v1::RetryRule* busy = settings.mutable_retries()->add_rules();
  busy->set_disposition(v1::DISPOSITION_BUSY);
  busy->add_delays()->set_seconds(300);
  busy->set_max_attempts(3);
  settings.set_machine_policy(v1::MACHINE_POLICY_LEAVE_MESSAGE);
  settings.mutable_machine_plan()->add_verbs()->mutable_say()->set_text("Call us");
  settings.mutable_auto_pause()->set_failure_percent(40);
  settings.mutable_auto_pause()->set_attempts(200);
  settings.mutable_warm_up()->set_url("https://bots.example/warm");
  settings.mutable_warm_up()->mutable_timeout()->set_seconds(60);
  settings.mutable_warm_up()->set_retries(3);
  settings.mutable_warm_up()->mutable_stays_ready()->set_seconds(30);
  settings.add_tags("spring");
  return settings;
}

TEST(SettingsChecksTest, NothingSetIsRightAndSoIsEverythingSet) {
  EXPECT_THAT(WrongFields({}), IsEmpty());
  EXPECT_THAT(WrongFields(Full()), IsEmpty());
}

struct WrongCase {
  const char* field;
  std::function<void(v1::CampaignSettings&)> spoil;
};

TEST(SettingsChecksTest, EachWrongFieldIsNamedByItsPath) {
  const std::vector<WrongCase> cases = {
      {"provider_account_id", [](auto& s) { s.set_provider_account_id("x"); }},
      {"from", [](auto& s) { s.set_from("2025550199"); }},
      {"plan.verbs[0].say.text", [](auto& s) { s.mutable_plan()->mutable_verbs(0)->mutable_say()->clear_text(); }},
      {"ring_timeout", [](auto& s) { s.mutable_ring_timeout()->set_seconds(4); }},
      {"ring_timeout", [](auto& s) { s.mutable_ring_timeout()->set_seconds(601); }},
      {"time_limit", [](auto& s) { s.mutable_time_limit()->set_seconds(0); }},
      {"time_limit", [](auto& s) { s.mutable_time_limit()->set_seconds(86'401); }},
      {"default_region", [](auto& s) { s.set_default_region("XX"); }},
      {"pacing.calls_per_second", [](auto& s) { s.mutable_pacing()->set_calls_per_second(-1); }},
      {"pacing.calls_per_minute", [](auto& s) { s.mutable_pacing()->set_calls_per_minute(60'001); }},
      {"pacing.call_spacing", [](auto& s) { s.mutable_pacing()->mutable_call_spacing()->set_seconds(-1); }},
      {"pacing.max_concurrent_calls", [](auto& s) { s.mutable_pacing()->set_max_concurrent_calls(-1); }},
      {"pacing.ramp_up", [](auto& s) { s.mutable_pacing()->mutable_ramp_up()->set_seconds(86'401); }},
      {"pacing.ramp_up",
       [](auto& s) {
         s.mutable_pacing()->Clear();
         s.mutable_pacing()->mutable_ramp_up()->set_seconds(60);
       }},
      {"pacing.slot_wait", [](auto& s) { s.mutable_pacing()->mutable_slot_wait()->set_seconds(61); }},
      {"pacing.weight", [](auto& s) { s.mutable_pacing()->set_weight(1'001); }},
      {"rules.windows",
       [](auto& s) {
         for (int i = 0; i < 100; ++i) *s.mutable_rules()->add_windows() = s.rules().windows(0);
       }},
      {"rules.windows[0].opens", [](auto& s) { s.mutable_rules()->mutable_windows(0)->set_opens("9:00"); }},
      {"rules.windows[0].closes", [](auto& s) { s.mutable_rules()->mutable_windows(0)->set_closes("24:30"); }},
      {"rules.windows[0].closes", [](auto& s) { s.mutable_rules()->mutable_windows(0)->set_closes("08:00"); }},
      {"rules.windows[0].days[1]",
       [](auto& s) { s.mutable_rules()->mutable_windows(0)->add_days(v1::WEEKDAY_MONDAY); }},
      {"rules.windows[0].days[1]",
       [](auto& s) { s.mutable_rules()->mutable_windows(0)->add_days(static_cast<v1::Weekday>(9)); }},
      {"rules.holidays[1]", [](auto& s) { s.mutable_rules()->add_holidays("2026-02-30"); }},
      {"rules.holidays",
       [](auto& s) {
         for (int i = 0; i < 400; ++i) s.mutable_rules()->add_holidays("2026-12-25");
       }},
      {"rules.fallback_time_zone", [](auto& s) { s.mutable_rules()->set_fallback_time_zone("America/NewYork"); }},
      {"rules.max_calls_per_number_per_day", [](auto& s) { s.mutable_rules()->set_max_calls_per_number_per_day(-1); }},
      {"rules.max_calls_per_number_per_week",
       [](auto& s) { s.mutable_rules()->set_max_calls_per_number_per_week(1'001); }},
      {"rules.max_abandon_rate", [](auto& s) { s.mutable_rules()->set_max_abandon_rate(10'001); }},
      {"rules.abandon_rate_after", [](auto& s) { s.mutable_rules()->set_abandon_rate_after(-1); }},
      {"rules.blocked_prefixes[1]", [](auto& s) { s.mutable_rules()->add_blocked_prefixes(""); }},
      {"rules.blocked_prefixes[1]", [](auto& s) { s.mutable_rules()->add_blocked_prefixes("900"); }},
      {"rules.blocked_prefixes",
       [](auto& s) {
         for (int i = 0; i < 1'000; ++i) s.mutable_rules()->add_blocked_prefixes("+1");
       }},
      {"retries.max_attempts", [](auto& s) { s.mutable_retries()->set_max_attempts(51); }},
      {"retries.rules[0].disposition", [](auto& s) { s.mutable_retries()->mutable_rules(0)->clear_disposition(); }},
      {"retries.rules[1].disposition", [](auto& s) { *s.mutable_retries()->add_rules() = s.retries().rules(0); }},
      {"retries.rules[0].delays[1]",
       [](auto& s) { s.mutable_retries()->mutable_rules(0)->add_delays()->set_seconds(0); }},
      {"retries.rules[0].delays",
       [](auto& s) {
         for (int i = 0; i < 20; ++i) s.mutable_retries()->mutable_rules(0)->add_delays()->set_seconds(9);
       }},
      {"retries.rules[0].max_attempts", [](auto& s) { s.mutable_retries()->mutable_rules(0)->set_max_attempts(-1); }},
      {"retries.rules[1].delays",
       [](auto& s) { s.mutable_retries()->add_rules()->set_disposition(v1::DISPOSITION_NOT_DIALED); }},
      {"machine_policy",
       [](auto& s) {
         s.set_machine_policy(static_cast<v1::MachinePolicy>(9));
         s.clear_machine_plan();
       }},
      {"machine_plan", [](auto& s) { s.clear_machine_plan(); }},
      {"machine_plan", [](auto& s) { s.set_machine_policy(v1::MACHINE_POLICY_HANG_UP); }},
      {"machine_plan.verbs[0].say.text",
       [](auto& s) { s.mutable_machine_plan()->mutable_verbs(0)->mutable_say()->clear_text(); }},
      {"auto_pause.failure_percent", [](auto& s) { s.mutable_auto_pause()->set_failure_percent(101); }},
      {"auto_pause.attempts", [](auto& s) { s.mutable_auto_pause()->set_attempts(-1); }},
      {"warm_up.url", [](auto& s) { s.mutable_warm_up()->set_url("ftp://x"); }},
      {"warm_up.timeout", [](auto& s) { s.mutable_warm_up()->mutable_timeout()->set_seconds(0); }},
      {"warm_up.retries", [](auto& s) { s.mutable_warm_up()->set_retries(11); }},
      {"warm_up.stays_ready", [](auto& s) { s.mutable_warm_up()->mutable_stays_ready()->set_seconds(3'601); }},
      {"tags",
       [](auto& s) {
         for (int i = 0; i < 20; ++i) s.add_tags("x");
       }},
      {"tags[1]", [](auto& s) { s.add_tags(std::string(65, 'x')); }},
      {"tags[1]", [](auto& s) { s.add_tags(""); }},
  };
  for (const WrongCase& wrong : cases) {
    v1::CampaignSettings settings = Full();
    wrong.spoil(settings);
    EXPECT_THAT(WrongFields(settings), ElementsAre(std::string("settings.") + wrong.field));
  }
}

TEST(SettingsChecksTest, EverythingThatIsWrongIsToldAtOnce) {
  v1::CampaignSettings settings;
  settings.set_from("x");
  settings.mutable_pacing()->set_weight(-1);
  settings.mutable_rules()->add_windows();
  EXPECT_THAT(WrongFields(settings),
              ElementsAre("settings.from", "settings.pacing.weight", "settings.rules.windows[0].opens",
                          "settings.rules.windows[0].closes"));
}

TEST(SettingsChecksTest, ANameThatIsNotKnownComesWithTheNearestOne) {
  EXPECT_EQ(TimeZoneProblem("Asia/Kolkata"), "");
  EXPECT_EQ(TimeZoneProblem("Asia/Calcutta"), "") << "older names are known too";
  EXPECT_THAT(TimeZoneProblem("america/new york"), HasSubstr("did you mean \"America/New_York\"?"));
  EXPECT_THAT(TimeZoneProblem("Europe/Londno"), HasSubstr("did you mean \"Europe/London\"?"));
  for (const char* wrong : {"", "localtime", "/etc/localtime", "../../etc/passwd", "EST5EDT4,M3.2.0"}) {
    EXPECT_NE(TimeZoneProblem(wrong), "") << wrong;
  }
  EXPECT_EQ(RegionProblem("US"), "");
  EXPECT_THAT(RegionProblem("us"), HasSubstr("did you mean \"US\"?"));
  EXPECT_THAT(RegionProblem("United States"), HasSubstr("\"US\" or \"IN\""));
}

TEST(SettingsChecksTest, ACampaignThatSaysNothingDoesNotStart) {
  FieldChecks checks;
  CheckReadiness({}, "settings", checks);
  ASSERT_EQ(checks.violations().size(), 1U);
  EXPECT_EQ(checks.violations()[0].field, "settings.plan");
  FieldChecks ready;
  CheckReadiness(Full(), "settings", ready);
  EXPECT_THAT(ready.violations(), IsEmpty());
}

}  // namespace
}  // namespace trunkline::scheduler
