#include "services/call-tracking-sync/runs/read_ahead.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "libs/base/text.h"

namespace trunkline::tracking_sync {
namespace {

class ReadAheadTest : public testing::Test {
 protected:
  static PageRequest Of(std::string pass, std::string position = "100") {
    PageRequest request{.pass = {.name = std::move(pass)}};
    request.run.window.position = tracking::Position{"offset", std::move(position)};
    return request;
  }
  // Tells by its total which request it answers.
  ReadAhead::Page Read(const PageRequest& request) {
    ++reads_;
    if (!failure_.ok()) return failure_;
    tracking::CallPage page;
    page.total = ParseInt(request.run.window.position->value);
    return page;
  }

  ManualClock clock_{absl::FromUnixSeconds(1'772'460'000)};
  std::atomic<int> reads_ = 0;
  absl::Status failure_ = absl::OkStatus();
  ReadAhead ahead_{[this](const PageRequest& request) { return Read(request); }, clock_};
};

TEST_F(ReadAheadTest, APageIsHandedOutOnceForTheRequestItWasReadFor) {
  ahead_.Begin(Of("backfill"));
  EXPECT_TRUE(ahead_.Holds("backfill"));
  const auto page = ahead_.Take(Of("backfill"));
  ASSERT_TRUE(page.has_value() && page->ok());
  EXPECT_EQ((*page)->total, 100);
  EXPECT_FALSE(ahead_.Holds("backfill"));
  EXPECT_FALSE(ahead_.Take(Of("backfill")).has_value());
  EXPECT_EQ(reads_, 1);
}

TEST_F(ReadAheadTest, WithoutABeginningThereIsNothing) { EXPECT_FALSE(ahead_.Take(Of("backfill")).has_value()); }

TEST_F(ReadAheadTest, AnotherPlaceIsNotAnsweredWithThisPage) {
  ahead_.Begin(Of("backfill", "100"));
  EXPECT_FALSE(ahead_.Take(Of("backfill", "0")).has_value()) << "the window was begun again";
  EXPECT_FALSE(ahead_.Holds("backfill")) << "nobody will want it";
}

TEST_F(ReadAheadTest, APageWaitsWhileAnotherPassHasItsTurn) {
  ahead_.Begin(Of("backfill", "100"));
  EXPECT_FALSE(ahead_.Take(Of("created", "7")).has_value());
  ahead_.Begin(Of("created", "8"));
  EXPECT_FALSE(ahead_.Holds("created"));
  const auto page = ahead_.Take(Of("backfill", "100"));
  ASSERT_TRUE(page.has_value() && page->ok());
  EXPECT_EQ((*page)->total, 100);
}

TEST_F(ReadAheadTest, AnErrorIsHandedOutAsAPageIs) {
  failure_ = absl::UnavailableError("the platform is away");
  ahead_.Begin(Of("backfill"));
  const auto page = ahead_.Take(Of("backfill"));
  ASSERT_TRUE(page.has_value());
  EXPECT_EQ(page->status(), failure_);
}

TEST_F(ReadAheadTest, AnOldPageIsDroppedAndKeepsNobodyElseAway) {
  ahead_.Begin(Of("backfill"));
  // Until it was read it has no age.
  while (ahead_.Holds("backfill")) clock_.Advance(absl::Minutes(1));
  ahead_.Begin(Of("created", "7"));
  EXPECT_FALSE(ahead_.Take(Of("backfill")).has_value());
  EXPECT_TRUE(ahead_.Take(Of("created", "7")).has_value());
}

}  // namespace
}  // namespace trunkline::tracking_sync
