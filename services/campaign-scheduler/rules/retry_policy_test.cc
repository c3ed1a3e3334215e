#include "services/campaign-scheduler/rules/retry_policy.h"

#include <gtest/gtest.h>

#include <random>

namespace trunkline::scheduler {
namespace {

const absl::Time kEnded = absl::FromUnixSeconds(1'800'000'000);

using Endings = std::vector<v1::Disposition>;

v1::RetryPolicy PolicyOf(int max_attempts) {
  v1::RetryPolicy policy;
  policy.set_max_attempts(max_attempts);
  return policy;
}

v1::RetryRule& AddRule(v1::RetryPolicy& policy, v1::Disposition disposition, const std::vector<int>& minutes,
                       int most = 0) {
  v1::RetryRule* rule = policy.add_rules();
  rule->set_disposition(disposition);
  for (const int delay : minutes) rule->add_delays()->set_seconds(delay * 60);
  rule->set_max_attempts(most);
  return *rule;
}

std::optional<absl::Duration> WaitAfter(const v1::RetryPolicy& policy, const Endings& endings) {
  const NextStep next = AfterAttempt(policy, endings, kEnded);
  if (next.state != v1::CONTACT_STATE_WAITING) return std::nullopt;
  return next.due_at - kEnded;
}

TEST(RetryPolicyTest, WithoutAPolicyThereIsOneAttempt) {
  EXPECT_EQ(AfterAttempt({}, Endings{v1::DISPOSITION_BUSY}, kEnded).state, v1::CONTACT_STATE_EXHAUSTED);
  EXPECT_EQ(AfterAttempt({}, Endings{v1::DISPOSITION_CONNECTED}, kEnded).state, v1::CONTACT_STATE_REACHED);
}

TEST(RetryPolicyTest, WithoutARuleEachDispositionHasItsUsualEnd) {
  const v1::RetryPolicy policy = PolicyOf(5);
  for (const v1::Disposition again :
       {v1::DISPOSITION_MACHINE, v1::DISPOSITION_BUSY, v1::DISPOSITION_NO_ANSWER, v1::DISPOSITION_UNREACHABLE,
        v1::DISPOSITION_CANCELED, v1::DISPOSITION_FAILED, v1::DISPOSITION_WARM_UP_FAILED}) {
    EXPECT_EQ(WaitAfter(policy, {again}), absl::Hours(1)) << again;
  }
  for (const v1::Disposition done :
       {v1::DISPOSITION_REJECTED, v1::DISPOSITION_INVALID_NUMBER, v1::DISPOSITION_ABANDONED}) {
    EXPECT_EQ(AfterAttempt(policy, Endings{done}, kEnded).state, v1::CONTACT_STATE_EXHAUSTED) << done;
  }
  EXPECT_EQ(AfterAttempt(policy, Endings{v1::DISPOSITION_CONNECTED}, kEnded).state, v1::CONTACT_STATE_REACHED);
}

TEST(RetryPolicyTest, TheDelayIsThatOfSoManyEndingsForTheSameCause) {
  v1::RetryPolicy policy = PolicyOf(20);
  AddRule(policy, v1::DISPOSITION_BUSY, {5, 15, 60});
  const v1::Disposition busy = v1::DISPOSITION_BUSY;
  const v1::Disposition other = v1::DISPOSITION_NO_ANSWER;
  EXPECT_EQ(WaitAfter(policy, {busy}), absl::Minutes(5));
  EXPECT_EQ(WaitAfter(policy, {busy, other, busy}), absl::Minutes(15));
  EXPECT_EQ(WaitAfter(policy, {busy, busy, busy}), absl::Minutes(60));
  EXPECT_EQ(WaitAfter(policy, {busy, busy, busy, busy, busy}), absl::Minutes(60));
}

TEST(RetryPolicyTest, ARuleWithoutDelaysForbidsARetry) {
  v1::RetryPolicy policy = PolicyOf(5);
  AddRule(policy, v1::DISPOSITION_MACHINE, {});
  EXPECT_EQ(AfterAttempt(policy, Endings{v1::DISPOSITION_MACHINE}, kEnded).state, v1::CONTACT_STATE_EXHAUSTED);
}

TEST(RetryPolicyTest, TheCapOfARuleCountsOnlyItsOwnEndings) {
  v1::RetryPolicy policy = PolicyOf(10);
  AddRule(policy, v1::DISPOSITION_BUSY, {1}, 2);
  const v1::Disposition busy = v1::DISPOSITION_BUSY;
  const v1::Disposition other = v1::DISPOSITION_NO_ANSWER;
  EXPECT_EQ(WaitAfter(policy, {other, other, busy}), absl::Minutes(1));
  EXPECT_EQ(WaitAfter(policy, {other, busy, busy}), std::nullopt);
  EXPECT_EQ(WaitAfter(policy, {busy, busy, other}), absl::Hours(1)) << "no busy one follows from this rule";
}

TEST(RetryPolicyTest, TheCapOfTheContactStandsAboveTheRules) {
  v1::RetryPolicy policy = PolicyOf(2);
  AddRule(policy, v1::DISPOSITION_BUSY, {1}, 40);
  EXPECT_EQ(WaitAfter(policy, {v1::DISPOSITION_BUSY}), absl::Minutes(1));
  EXPECT_EQ(AfterAttempt(policy, Endings{v1::DISPOSITION_NO_ANSWER, v1::DISPOSITION_BUSY}, kEnded).state,
            v1::CONTACT_STATE_EXHAUSTED);
}

TEST(RetryPolicyTest, WhatWasNotDialedIsTriedAgainAndCountsForNothing) {
  v1::RetryPolicy policy = PolicyOf(1);
  const Endings endings(30, v1::DISPOSITION_NOT_DIALED);
  EXPECT_EQ(AttemptsThatCount(endings), 0);
  EXPECT_EQ(WaitAfter(policy, endings), absl::Minutes(1));
  AddRule(policy, v1::DISPOSITION_NOT_DIALED, {2, 4});
  EXPECT_EQ(WaitAfter(policy, {v1::DISPOSITION_NOT_DIALED}), absl::Minutes(2));
  EXPECT_EQ(WaitAfter(policy, endings), absl::Minutes(4));
}

TEST(RetryPolicyTest, APersonWhoWasReachedIsCalledAgainOnlyWhereARuleSaysSo) {
  v1::RetryPolicy policy = PolicyOf(3);
  AddRule(policy, v1::DISPOSITION_CONNECTED, {30});
  EXPECT_EQ(WaitAfter(policy, {v1::DISPOSITION_CONNECTED}), absl::Minutes(30));
  EXPECT_EQ(AfterAttempt(policy, Endings(3, v1::DISPOSITION_CONNECTED), kEnded).state, v1::CONTACT_STATE_REACHED);
}

TEST(RetryPolicyTest, WhatIsNotKnownCountsAsFailed) {
  v1::RetryPolicy policy = PolicyOf(3);
  AddRule(policy, v1::DISPOSITION_FAILED, {7});
  EXPECT_EQ(WaitAfter(policy, {v1::DISPOSITION_UNSPECIFIED}), absl::Minutes(7));
  EXPECT_EQ(WaitAfter(policy, {static_cast<v1::Disposition>(99)}), absl::Minutes(7));
  EXPECT_EQ(AttemptsThatCount(Endings{v1::DISPOSITION_UNSPECIFIED}), 1);
}

TEST(RetryPolicyTest, ADelayThatIsNoneCallsNobodyAtOnce) {
  v1::RetryPolicy policy = PolicyOf(3);
  AddRule(policy, v1::DISPOSITION_BUSY, {-5});
  EXPECT_EQ(WaitAfter(policy, {v1::DISPOSITION_BUSY}), absl::Hours(1));
}

// Whatever policy and endings: a contact is called no more often than its cap allows, and never at once.
TEST(RetryPolicyTest, NoContactHasMoreAttemptsThanItsCap) {
  std::mt19937 random(7);
  for (int round = 0; round < 2'000; ++round) {
    v1::RetryPolicy policy = PolicyOf(static_cast<int>(random() % 6));
    for (int d = v1::DISPOSITION_CONNECTED; d <= v1::DISPOSITION_WARM_UP_FAILED; ++d) {
      if (random() % 2 == 0) continue;
      std::vector<int> delays;
      for (uint32_t i = random() % 4; i > 0; --i) delays.push_back(static_cast<int>(random() % 100));
      AddRule(policy, static_cast<v1::Disposition>(d), delays, static_cast<int>(random() % 4));
    }
    Endings endings;
    NextStep next{.state = v1::CONTACT_STATE_WAITING};
    while (next.state == v1::CONTACT_STATE_WAITING && endings.size() < 200) {
      endings.push_back(static_cast<v1::Disposition>(random() % 13));
      next = AfterAttempt(policy, endings, kEnded);
      if (next.state == v1::CONTACT_STATE_WAITING) {
        ASSERT_GT(next.due_at, kEnded);
        ASSERT_LT(AttemptsThatCount(endings), AttemptCap(policy));
      }
    }
    ASSERT_NE(next.state, v1::CONTACT_STATE_WAITING) << "it ends";
    ASSERT_LE(AttemptsThatCount(endings), AttemptCap(policy));
  }
}

}  // namespace
}  // namespace trunkline::scheduler
