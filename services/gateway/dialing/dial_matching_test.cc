#include "services/gateway/dialing/dial_matching.h"

#include <gtest/gtest.h>

namespace trunkline::gateway {
namespace {

constexpr MatchWindow kWindow{.before = absl::Seconds(5), .after = absl::Seconds(20)};

absl::Time At(int seconds) { return absl::FromUnixSeconds(1'780'000'000 + seconds); }
DoubtfulTime Dial(const std::string& id, int seconds) { return {.call_id = id, .committed_at = At(seconds)}; }
UnclaimedCall Call(const std::string& id, int seconds) { return {.external_call_id = id, .created_at = At(seconds)}; }

TEST(DialMatchingTest, OneDialAndOneCallBelongTogether) {
  const DialMatch match = MatchDial("a", {Dial("a", 0)}, {Call("1", 3)}, kWindow);
  EXPECT_EQ(match.kind, DialMatch::Kind::kCall);
  EXPECT_EQ(match.external_call_id, "1");
}

TEST(DialMatchingTest, CallsOfOtherTimesDoNotCount) {
  EXPECT_EQ(MatchDial("a", {Dial("a", 0)}, {Call("1", -6), Call("2", 21)}, kWindow).kind, DialMatch::Kind::kNone);
  EXPECT_EQ(MatchDial("a", {Dial("a", 0)}, {}, kWindow).kind, DialMatch::Kind::kNone);
}

TEST(DialMatchingTest, FewerOrMoreCallsThanDialsStayUnclear) {
  EXPECT_EQ(MatchDial("a", {Dial("a", 0), Dial("b", 1)}, {Call("1", 3)}, kWindow).kind, DialMatch::Kind::kUnclear);
  EXPECT_EQ(MatchDial("a", {Dial("a", 0)}, {Call("1", 3), Call("2", 4)}, kWindow).kind, DialMatch::Kind::kUnclear);
  EXPECT_EQ(MatchDial("x", {Dial("a", 0)}, {Call("1", 3)}, kWindow).kind, DialMatch::Kind::kUnclear);
}

TEST(DialMatchingTest, AsManyCallsAsDialsAreGivenInTheirOrder) {
  const std::vector<DoubtfulTime> dials = {Dial("b", 10), Dial("a", 0)};
  const std::vector<UnclaimedCall> calls = {Call("2", 12), Call("1", 2)};
  EXPECT_EQ(MatchDial("a", dials, calls, kWindow).external_call_id, "1");
  EXPECT_EQ(MatchDial("b", dials, calls, kWindow).external_call_id, "2");
}

TEST(DialMatchingTest, GroupsThatCannotMeetAreJudgedApart) {
  const std::vector<DoubtfulTime> dials = {Dial("a", 0), Dial("b", 1), Dial("c", 100)};
  const std::vector<UnclaimedCall> calls = {Call("1", 2), Call("3", 101)};
  EXPECT_EQ(MatchDial("a", dials, calls, kWindow).kind, DialMatch::Kind::kUnclear);
  EXPECT_EQ(MatchDial("c", dials, calls, kWindow).external_call_id, "3");
}

TEST(DialMatchingTest, AChainOfOverlapsIsOneGroup) {
  // Call 1 could be a's or b's, call 2 could be b's or c's.
  const std::vector<DoubtfulTime> dials = {Dial("a", 0), Dial("b", 15), Dial("c", 30)};
  EXPECT_EQ(MatchDial("a", dials, {Call("1", 12), Call("2", 28)}, kWindow).kind, DialMatch::Kind::kUnclear);
}

}  // namespace
}  // namespace trunkline::gateway
