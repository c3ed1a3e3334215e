#include "services/campaign-scheduler/api/stream_limit.h"

#include <gtest/gtest.h>

#include "libs/base/status.h"

namespace trunkline::scheduler {
namespace {

TEST(StreamLimitTest, ABusinessTakesNoMoreThanItsPart) {
  StreamLimit limit({.of_business = 2, .in_all = 3});
  auto first = *limit.Enter("a");
  const auto second = *limit.Enter("a");
  EXPECT_EQ(ReasonOf(limit.Enter("a").status()), Reason::REASON_LIMIT_REACHED);
  const auto third = *limit.Enter("b");
  EXPECT_EQ(ReasonOf(limit.Enter("c").status()), Reason::REASON_LIMIT_REACHED);
  first.reset();
  EXPECT_TRUE(limit.Enter("c").ok());
  EXPECT_TRUE(limit.Enter("a").ok());
}

}  // namespace
}  // namespace trunkline::scheduler
