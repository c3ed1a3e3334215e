#include "services/call-tracking-sync/passes/window_reading.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/tracking/tracking_error.h"

namespace trunkline::tracking_sync {
namespace {

using Follows = Sequel::Kind;
using tracking::Position;
namespace v1 = tracking::v1;

class WindowReadingTest : public testing::Test {
 protected:
  PassRun Begin(absl::Duration length = absl::Hours(24)) const {
    return BeginWindows(pass_, start_, start_ + length, now_);
  }
  static absl::Status Failure(v1::TrackingErrorCode code) {
    return tracking::StatusOf(tracking::MakeError("p", code, "x"));
  }

  Pass pass_{.name = "backfill", .page_size = 100, .largest_page = 1000};
  absl::Time start_ = absl::FromUnixSeconds(1'772'460'000);
  absl::Time now_ = start_ + absl::Hours(1000);
};

TEST_F(WindowReadingTest, ReadsOneWindowAfterTheOtherAndMovesItsMarkAtTheEnd) {
  PassRun run = Begin(absl::Hours(30));
  EXPECT_EQ(run.window.to, start_ + absl::Hours(24));
  Sequel sequel = AfterWindowPage(pass_, run, {.records = 1, .distinct = 1}, now_);
  ASSERT_EQ(sequel.kind, Follows::kNextWindow);
  EXPECT_EQ(sequel.watermark, std::nullopt);
  EXPECT_EQ(sequel.run->window.from, start_ + absl::Hours(24));
  EXPECT_EQ(sequel.run->window.to, start_ + absl::Hours(30));
  sequel = AfterWindowPage(pass_, *sequel.run, {}, now_);
  EXPECT_EQ(sequel.kind, Follows::kRunFinished);
  EXPECT_EQ(sequel.watermark, start_ + absl::Hours(30));
}

TEST_F(WindowReadingTest, AShortPageIsNoEndWhileTheListGoesOn) {
  const Sequel sequel =
      AfterWindowPage(pass_, Begin(), {.records = 3, .distinct = 3, .next = Position{"offset", "3"}, .total = 9}, now_);
  EXPECT_EQ(sequel.kind, Follows::kNextPage);
  EXPECT_EQ(sequel.run->window.position, (Position{"offset", "3"}));
}

TEST_F(WindowReadingTest, AListThatShrinksIsReadOnceMore) {
  Sequel sequel = AfterWindowPage(
      pass_, Begin(), {.records = 100, .distinct = 100, .next = Position{"offset", "100"}, .total = 150}, now_);
  sequel = AfterWindowPage(pass_, *sequel.run, {.records = 49, .distinct = 49, .total = 149}, now_);
  ASSERT_EQ(sequel.kind, Follows::kAgain);
  EXPECT_EQ(sequel.run->window.position, std::nullopt);
  sequel = AfterWindowPage(pass_, *sequel.run,
                           {.records = 100, .distinct = 100, .next = Position{"offset", "100"}, .total = 149}, now_);
  sequel = AfterWindowPage(pass_, *sequel.run, {.records = 48, .distinct = 48, .total = 148}, now_);
  EXPECT_EQ(sequel.kind, Follows::kRunFinished) << "once is enough";
}

TEST_F(WindowReadingTest, FewerCallsThanCountedAreAskedForOnceMoreAndThenRemarkedOn) {
  Sequel sequel = AfterWindowPage(pass_, Begin(), {.records = 8, .distinct = 8, .total = 9}, now_);
  ASSERT_EQ(sequel.kind, Follows::kAgain);
  sequel = AfterWindowPage(pass_, *sequel.run, {.records = 8, .distinct = 8, .total = 9}, now_);
  EXPECT_EQ(sequel.kind, Follows::kRunFinished);
  EXPECT_TRUE(sequel.count_mismatch);
}

TEST_F(WindowReadingTest, APartialResultIsAskedForInHalvesDownToAMinute) {
  PassRun run = Begin(absl::Minutes(4));
  Sequel sequel = AfterWindowError(pass_, run, Failure(v1::TRACKING_ERROR_CODE_PARTIAL_RESULT), now_);
  ASSERT_EQ(sequel.kind, Follows::kAgain);
  EXPECT_EQ(sequel.run->window.to, start_ + absl::Minutes(2));
  sequel = AfterWindowError(pass_, *sequel.run, Failure(v1::TRACKING_ERROR_CODE_PARTIAL_RESULT), now_);
  EXPECT_EQ(sequel.run->window.to, start_ + absl::Minutes(1));
  EXPECT_EQ(AfterWindowError(pass_, *sequel.run, Failure(v1::TRACKING_ERROR_CODE_PARTIAL_RESULT), now_).kind,
            Follows::kFailed);
  sequel = AfterWindowPage(pass_, *sequel.run, {}, now_);
  EXPECT_EQ(sequel.kind, Follows::kNextWindow);
  EXPECT_EQ(sequel.run->window.from, start_ + absl::Minutes(1)) << "the rest follows";
}

TEST_F(WindowReadingTest, TooManyCallsAreReadInHalves) {
  const Sequel sequel = AfterWindowPage(
      pass_, Begin(), {.records = 100, .distinct = 100, .next = Position{"offset", "100"}, .total = 10'001}, now_);
  ASSERT_EQ(sequel.kind, Follows::kAgain);
  EXPECT_EQ(sequel.run->window.to, start_ + absl::Hours(12));
  EXPECT_EQ(sequel.run->window.restarts, 0);
}

TEST_F(WindowReadingTest, AWindowIsNoLongerThanTheOneBeforeUnlessThatHeldFewCalls) {
  const PageFacts many{.records = 9'000, .distinct = 9'000, .total = 9'000};
  PassRun run = Begin(absl::Hours(72));
  Sequel sequel = AfterWindowPage(pass_, run, {.records = 1, .distinct = 1, .total = 30'000}, now_);
  sequel = AfterWindowPage(pass_, *sequel.run, {.records = 1, .distinct = 1, .total = 15'000}, now_);
  ASSERT_EQ(sequel.run->window.to, start_ + absl::Hours(6)) << "halved twice";
  sequel = AfterWindowPage(pass_, *sequel.run, many, now_);
  ASSERT_EQ(sequel.kind, Follows::kNextWindow);
  EXPECT_EQ(sequel.run->window.to, start_ + absl::Hours(12)) << "nobody has to find out again how long it may be";
  sequel = AfterWindowPage(pass_, *sequel.run, {.records = 9, .distinct = 9, .total = 9}, now_);
  EXPECT_EQ(sequel.run->window.to, start_ + absl::Hours(24));
  sequel = AfterWindowPage(pass_, *sequel.run, {.records = 9, .distinct = 9, .total = 9}, now_);
  EXPECT_EQ(sequel.run->window.to, start_ + absl::Hours(48));
  sequel = AfterWindowPage(pass_, *sequel.run, {}, now_);
  EXPECT_EQ(sequel.run->window.to, start_ + absl::Hours(72)) << "never longer than the pass's windows";
}

TEST_F(WindowReadingTest, WindowsWithFewCallsGrowAsFarAsThePassAllows) {
  pass_.largest_window = absl::Hours(72);
  PassRun run = Begin(absl::Hours(24 * 30));
  Sequel sequel = AfterWindowPage(pass_, run, {.records = 9, .distinct = 9}, now_);
  EXPECT_EQ(sequel.run->window.to - sequel.run->window.from, absl::Hours(48));
  sequel = AfterWindowPage(pass_, *sequel.run, {.records = 9, .distinct = 9}, now_);
  EXPECT_EQ(sequel.run->window.to - sequel.run->window.from, absl::Hours(72));
  sequel = AfterWindowPage(pass_, *sequel.run, {.records = 3'000, .distinct = 3'000}, now_);
  EXPECT_EQ(sequel.run->window.to - sequel.run->window.from, absl::Hours(72));
  run = Begin(absl::Hours(24 * 30));
  sequel = AfterWindowPage(pass_, run, {.records = 3'000, .distinct = 3'000}, now_);
  EXPECT_EQ(sequel.run->window.to - sequel.run->window.from, absl::Hours(24)) << "many, without a total too";
}

TEST_F(WindowReadingTest, PagesGrowOnlyWherePositionsDoNotCountPages) {
  Sequel sequel = AfterWindowPage(
      pass_, Begin(), {.records = 100, .distinct = 100, .next = Position{"offset", "100"}, .total = 2'001}, now_);
  EXPECT_EQ(QueryOf(pass_, *sequel.run).size, 1000);
  sequel = AfterWindowPage(pass_, Begin(),
                           {.records = 100, .distinct = 100, .next = Position{"page", "2"}, .total = 2'001}, now_);
  EXPECT_EQ(QueryOf(pass_, *sequel.run).size, 100);
}

TEST_F(WindowReadingTest, ARefusedPositionBeginsTheWindowAgainThreeTimesAtMost) {
  PassRun run = Begin();
  run.window.position = Position{"cursor", "17"};
  for (int i = 0; i < 3; ++i) {
    Sequel sequel = AfterWindowError(pass_, run, Failure(v1::TRACKING_ERROR_CODE_CURSOR_REJECTED), now_);
    ASSERT_EQ(sequel.kind, Follows::kAgain);
    run = *std::move(sequel.run);
    EXPECT_EQ(run.window.position, std::nullopt);
  }
  EXPECT_EQ(AfterWindowError(pass_, run, Failure(v1::TRACKING_ERROR_CODE_CURSOR_LOOP), now_).kind, Follows::kFailed);
}

TEST_F(WindowReadingTest, AfterACrashAnOffsetGoesBackOnePage) {
  PassRun run = Begin();
  run.window.position = Position{"offset", "250"};
  run.window.seen = 250;
  EXPECT_EQ(Resumed(run).window.position, (Position{"offset", "150"}));
  EXPECT_EQ(Resumed(run).window.seen, 150);
  run.window.position = Position{"cursor", "250"};
  EXPECT_EQ(Resumed(run).window.position, (Position{"cursor", "250"}));
}

}  // namespace
}  // namespace trunkline::tracking_sync
