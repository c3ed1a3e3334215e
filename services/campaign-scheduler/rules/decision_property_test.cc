// What holds of every decision, for contacts, campaigns and rules made at random.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/decision.h"

namespace trunkline::scheduler {
namespace {

constexpr int kRounds = 3'000;

// 2026, the days around the jumps of clocks more often than others.
absl::Time RandomTime(std::mt19937& random) {
  const absl::Time spring = absl::FromCivil(absl::CivilDay(2026, 3, 7), absl::UTCTimeZone());
  const absl::Time autumn = absl::FromCivil(absl::CivilDay(2026, 10, 24), absl::UTCTimeZone());
  switch (random() % 3) {
    case 0:
      return spring + absl::Minutes(static_cast<int>(random() % (3 * 1'440)));
    case 1:
      return autumn + absl::Minutes(static_cast<int>(random() % (10 * 1'440)));
    default:
      return spring + absl::Seconds(static_cast<int>(random() % (300 * 86'400)));
  }
}

std::string TimeText(int minutes) {
  const auto two = [](int value) { return Concat(value < 10 ? "0" : "", value); };
  return Concat(two(minutes / 60), ":", two(minutes % 60));
}

struct World {
  v1::CampaignSettings settings;
  CampaignFacts campaign;
  v1::Contact contact;
  NumberFacts number;
  absl::Time now;

  v1::Decision DecideAt(absl::Time time) const {
    return Decide(DialRules(settings, {"+1900"}), campaign, contact, number, time);
  }
};

World RandomWorld(std::mt19937& random) {
  World world;
  world.now = RandomTime(random);
  const auto one_in = [&](uint32_t n) { return random() % n == 0; };
  v1::CallingRules* rules = world.settings.mutable_rules();
  for (uint32_t i = random() % 4; i > 0; --i) {
    v1::CallingWindow* window = rules->add_windows();
    const int opens = static_cast<int>(random() % 1'439);
    window->set_opens(TimeText(opens));
    window->set_closes(TimeText(opens + 1 + static_cast<int>(random() % static_cast<uint32_t>(1'440 - opens))));
    for (uint32_t day = 1; day <= 7; ++day) {
      if (one_in(2)) window->add_days(static_cast<v1::Weekday>(day));
    }
  }
  for (uint32_t i = random() % 4; i > 0; --i) {
    const absl::CivilDay day = absl::ToCivilDay(world.now, absl::UTCTimeZone()) + static_cast<int>(random() % 4);
    rules->add_holidays(std::string(absl::FormatCivilTime(day)));
  }
  if (one_in(2)) rules->set_max_calls_per_number_per_day(static_cast<int>(random() % 3));
  if (one_in(2)) rules->set_max_calls_per_number_per_week(static_cast<int>(random() % 5));
  world.settings.mutable_retries()->set_max_attempts(3);
  world.campaign.state = v1::CAMPAIGN_STATE_RUNNING;
  for (uint32_t i = random() % 5; i > 0; --i) {
    const int64_t reached = static_cast<int64_t>(random() % 90);
    world.campaign.people.Note(
        world.now - absl::Hours(static_cast<int>(random() % 800)),
        {.reached = reached, .abandoned = std::min<int64_t>(reached, static_cast<int64_t>(random() % 3))});
  }
  const std::vector<const char*> numbers = {"+12125550100",  "+18505550100", "+18005550100", "+442079460000",
                                            "+919812345678", "+61412345678", "+85291234567"};
  world.contact.set_number(numbers[random() % numbers.size()]);
  const std::vector<const char*> zones = {"", "", "", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut"};
  world.contact.set_time_zone(zones[random() % zones.size()]);
  world.contact.set_state(v1::CONTACT_STATE_PENDING);
  if (one_in(3)) {
    world.contact.set_state(v1::CONTACT_STATE_WAITING);
    *world.contact.mutable_due_at() =
        telephony::ToProto(world.now + absl::Minutes(static_cast<int>(random() % 3'000)) - absl::Hours(20));
  }
  world.contact.set_attempts(static_cast<int>(random() % 3));
  for (uint32_t i = random() % 8; i > 0; --i) {
    world.number.dials.push_back(world.now - absl::Minutes(static_cast<int>(random() % (9 * 1'440))));
  }
  if (one_in(5))
    world.number.on_business_list = world.now + absl::Minutes(static_cast<int>(random() % 3'000)) - absl::Hours(20);
  return world;
}

// The rules once more, as plainly as they can be written.
bool MayBeCalled(const World& world, absl::Time at) {
  const v1::CallingRules& rules = world.settings.rules();
  if (world.contact.has_due_at() && telephony::FromProto(world.contact.due_at()) > at) return false;
  if (world.number.on_business_list.has_value() && *world.number.on_business_list > at) return false;
  if (world.contact.attempts() >= 3) return false;
  const auto calls = [&](absl::Duration period) {
    return std::count_if(world.number.dials.begin(), world.number.dials.end(),
                         [&](absl::Time dial) { return dial > at - period; });
  };
  if (rules.max_calls_per_number_per_day() > 0 && calls(absl::Hours(24)) >= rules.max_calls_per_number_per_day())
    return false;
  if (rules.max_calls_per_number_per_week() > 0 && calls(absl::Hours(168)) >= rules.max_calls_per_number_per_week())
    return false;
  for (const std::string& name : DialRules(world.settings, {}).TimeZonesOf(world.contact)) {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(name, &zone)) return false;
    const absl::CivilSecond local = absl::ToCivilSecond(at, zone);
    const std::string time = absl::FormatTime("%H:%M", at, zone);
    const int weekday = static_cast<int>(absl::GetWeekday(local)) + 1;
    bool open = rules.windows().empty();
    for (const v1::CallingWindow& window : rules.windows()) {
      const bool today = window.days().empty() ||
                         std::find(window.days().begin(), window.days().end(), weekday) != window.days().end();
      open = open || (today && time >= window.opens() && time < window.closes());
    }
    if (!open) return false;
    for (const std::string& holiday : rules.holidays()) {
      if (std::string(absl::FormatTime("%Y-%m-%d", at, zone)) == holiday) return false;
    }
  }
  for (const absl::Duration period : {kShortAbandonPeriod, kLongAbandonPeriod}) {
    const ReachedCount count = world.campaign.people.Within(period, at);
    if (count.reached >= 100 && count.abandoned * 100 > count.reached * 3) return false;
  }
  return true;
}

TEST(DecisionPropertyTest, AContactIsCalledOnlyWhenEveryRuleReadPlainlyAllowsIt) {
  std::mt19937 random(1);
  int allowed = 0;
  for (int i = 0; i < kRounds; ++i) {
    const World world = RandomWorld(random);
    const v1::Decision decision = world.DecideAt(world.now);
    ASSERT_EQ(decision.allowed(), MayBeCalled(world, world.now)) << decision.ShortDebugString();
    allowed += decision.allowed() ? 1 : 0;
  }
  EXPECT_GT(allowed, kRounds / 20);
}

TEST(DecisionPropertyTest, AtItsNextTimeItIsAllowedAndNotASecondEarlier) {
  std::mt19937 random(2);
  int looked_at = 0;
  for (int i = 0; i < kRounds; ++i) {
    const World world = RandomWorld(random);
    const v1::Decision decision = world.DecideAt(world.now);
    if (decision.allowed() || !decision.has_next_at()) continue;
    const absl::Time next = telephony::FromProto(decision.next_at());
    ++looked_at;
    ASSERT_GT(next, world.now);
    ASSERT_TRUE(world.DecideAt(next).allowed()) << decision.ShortDebugString();
    const absl::Time earlier = std::max(next - absl::Seconds(1), world.now);
    ASSERT_FALSE(world.DecideAt(earlier).allowed()) << decision.ShortDebugString();
    ASSERT_EQ(telephony::FromProto(world.DecideAt(earlier).next_at()), next) << "it stays the same until then";
  }
  EXPECT_GT(looked_at, kRounds / 4);
}

TEST(DecisionPropertyTest, NoTimeBeforeTheNextOneIsAllowed) {
  std::mt19937 random(3);
  for (int i = 0; i < 150; ++i) {
    const World world = RandomWorld(random);
    const v1::Decision decision = world.DecideAt(world.now);
    if (decision.allowed()) continue;
    const absl::Time end =
        std::min(decision.has_next_at() ? telephony::FromProto(decision.next_at()) : absl::InfiniteFuture(),
                 world.now + absl::Hours(60));
    for (absl::Time at = world.now; at < end; at += absl::Minutes(1)) ASSERT_FALSE(MayBeCalled(world, at));
  }
}

TEST(DecisionPropertyTest, TheOrderOfListsChangesNothing) {
  std::mt19937 random(4);
  for (int i = 0; i < kRounds / 3; ++i) {
    const World world = RandomWorld(random);
    World shuffled = world;
    v1::CallingRules* rules = shuffled.settings.mutable_rules();
    std::shuffle(rules->mutable_holidays()->pointer_begin(), rules->mutable_holidays()->pointer_end(), random);
    std::shuffle(shuffled.number.dials.begin(), shuffled.number.dials.end(), random);
    for (v1::CallingWindow& window : *rules->mutable_windows()) {
      std::shuffle(window.mutable_days()->begin(), window.mutable_days()->end(), random);
    }
    ASSERT_EQ(world.DecideAt(world.now).SerializeAsString(), shuffled.DecideAt(world.now).SerializeAsString());
    // What a window is called follows the order in which somebody wrote them.
    std::shuffle(rules->mutable_windows()->pointer_begin(), rules->mutable_windows()->pointer_end(), random);
    ASSERT_EQ(world.DecideAt(world.now).allowed(), shuffled.DecideAt(world.now).allowed());
    ASSERT_EQ(world.DecideAt(world.now).next_at().seconds(), shuffled.DecideAt(world.now).next_at().seconds());
  }
}

TEST(DecisionPropertyTest, BrokenFactsNeverAllowACall) {
  std::mt19937 random(5);
  for (int i = 0; i < kRounds; ++i) {
    World world = RandomWorld(random);
    v1::CallingRules* rules = world.settings.mutable_rules();
    switch (random() % 10) {
      case 0:
        rules->add_windows()->set_opens(std::string(1, static_cast<char>(random() % 256)));
        break;
      case 1:
        rules->add_holidays("20260101");
        break;
      case 2:
        rules->add_blocked_prefixes("");
        break;
      case 3:
        rules->set_max_calls_per_number_per_week(-1);
        break;
      case 4:
        rules->set_max_abandon_rate(-1);
        break;
      case 5:
        rules->add_windows()->CopyFrom(rules->windows_size() > 0 ? rules->windows(0) : v1::CallingWindow());
        world.contact.set_time_zone("Mars/Olympus");
        break;
      case 6:
        world.contact.set_number(std::string(random() % 30, '9'));
        break;
      case 7:
        world.contact.set_state(static_cast<v1::ContactState>(random() % 100 + 4));
        break;
      case 8:
        world.campaign.state = static_cast<v1::CampaignState>(random() % 100 + 4);
        break;
      default:
        world.contact.set_attempts(random() % 2 == 0 ? -5 : 1'000);
    }
    const v1::Decision decision = world.DecideAt(world.now);
    ASSERT_FALSE(decision.allowed()) << decision.ShortDebugString();
    ASSERT_NE(decision.rule(), v1::CALL_RULE_UNSPECIFIED);
  }
}

}  // namespace
}  // namespace trunkline::scheduler
