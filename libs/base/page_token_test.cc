#include "libs/base/page_token.h"

#include <gtest/gtest.h>

#include "libs/base/encoding.h"
#include "libs/base/status.h"

namespace trunkline {
namespace {

constexpr char kId[] = "0190b2c3-0000-7000-8000-000000000001";

TEST(PageTokenTest, ATokenReadsBackForItsListOnly) {
  const PagePosition position{.time = absl::FromUnixMicros(1'780'000'000'123'456), .id = kId};
  const std::string token = MakePageToken("list", position);
  EXPECT_EQ(ReadPageToken("list", token)->time, position.time);
  EXPECT_EQ(ReadPageToken("list", token)->id, position.id);
  for (const std::string& bad : {std::string("x"), std::string(), token + "x"}) {
    EXPECT_EQ(ReasonOf(ReadPageToken("list", bad).status()), Reason::REASON_INVALID_PAGE_TOKEN);
  }
  EXPECT_FALSE(ReadPageToken("other", token).ok());
}

}  // namespace
}  // namespace trunkline
