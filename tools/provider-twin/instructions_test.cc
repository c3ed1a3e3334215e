#include "tools/provider-twin/instructions.h"

#include <gtest/gtest.h>

namespace trunkline::twin {
namespace {

TEST(InstructionsTest, ReferencesAreResolvedAgainstTheDocument) {
  const std::string base = "https://h.example.com/a/b?x=1#rc=2";
  EXPECT_EQ(ResolveUrl(base, "https://other/"), "https://other/");
  EXPECT_EQ(ResolveUrl(base, "/c?d=2"), "https://h.example.com/c?d=2");
  EXPECT_EQ(ResolveUrl(base, "c"), "https://h.example.com/a/c");
  EXPECT_EQ(ResolveUrl(base, "?y=2"), "https://h.example.com/a/b?y=2");
  EXPECT_EQ(ResolveUrl(base, ""), base);
  EXPECT_EQ(ResolveUrl("https://h.example.com", "c"), "https://h.example.com/c");
}

TEST(InstructionsTest, OnlyAResponseIsOne) {
  EXPECT_TRUE(Instructions::Parse("<Response/>", "").ok());
  EXPECT_FALSE(Instructions::Parse("<Answer/>", "").ok());
  EXPECT_FALSE(Instructions::Parse("no XML", "").ok());
}

TEST(InstructionsTest, LoopOfZeroIsForEver) {
  const auto instructions =
      Instructions::Parse(R"(<Response><Say loop="0">a</Say><Say loop="3">a b</Say></Response>)", "");
  ASSERT_TRUE(instructions.ok());
  const pugi::xml_node forever = instructions->first_verb();
  EXPECT_EQ(Looped(forever, SpeakingTime(TextOf(forever))), absl::InfiniteDuration());
  const pugi::xml_node thrice = NextElement(forever);
  EXPECT_EQ(Looped(thrice, SpeakingTime(TextOf(thrice))), absl::Seconds(3));
}

}  // namespace
}  // namespace trunkline::twin
