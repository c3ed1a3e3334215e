#include "libs/base/encoding.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace trunkline {
namespace {

TEST(EncodingTest, Base64FollowsTheDocument) {
  EXPECT_EQ(Base64Encode(""), "");
  EXPECT_EQ(Base64Encode("f"), "Zg==");
  EXPECT_EQ(Base64Encode("fo"), "Zm8=");
  EXPECT_EQ(Base64Encode("foobar"), "Zm9vYmFy");
  for (const char* text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(Base64Decode(Base64Encode(text)), text);
  }
  for (const char* text : {"Zg", "Zg=", "Z===", "Zm9v YmFy", "Zm9vYmF\n", "=Zg=", "Z!=="}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
}

TEST(EncodingTest, HexRoundTrips) {
  EXPECT_EQ(HexEncode(std::string("\0\xFF", 2)), "00ff");
  EXPECT_EQ(HexDecode("00fF"), std::string("\0\xFF", 2));
  EXPECT_EQ(HexDecode("0"), std::nullopt);
  EXPECT_EQ(HexDecode("0g"), std::nullopt);
}

TEST(EncodingTest, FormsKeepOrderAndRepeats) {
  const Form form = ParseForm("a=1&b=x+y&a=%2B2&empty=&flag&&=v&bad=%zz%4");
  const Form expected = {{"a", "1"},   {"b", "x y"}, {"a", "+2"},     {"empty", ""},
                         {"flag", ""}, {"", "v"},    {"bad", "%zz%4"}};
  EXPECT_EQ(form, expected);
  EXPECT_EQ(FindInForm(form, "a"), "1");
  EXPECT_EQ(FindInForm(form, "missing"), std::nullopt);
  EXPECT_EQ(ParseForm(EncodeForm(form)), expected);
}

TEST(EncodingTest, StorableTextIsUtf8WithoutNul) {
  EXPECT_TRUE(IsStorableText("grüße, 你好 🙂"));
  EXPECT_FALSE(IsStorableText(std::string_view("a\0b", 3)));
  for (size_t i = 0; i < 20; ++i) {
    std::string text(20, '\x01');
    EXPECT_TRUE(IsStorableText(text));
    for (const char wrong : {'\0', '\x80', '\xFF'}) {
      text[i] = wrong;
      EXPECT_FALSE(IsStorableText(text)) << i;
    }
  }
  for (const char* text : {"\x80", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(IsStorableText(text));
    EXPECT_TRUE(IsStorableText(ToStorableText(text)));
  }
  EXPECT_EQ(ToStorableText(std::string_view("a\0b\xFFü", 6)),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBDü");
}

TEST(EncodingTest, NumbersFillTheText) {
  EXPECT_EQ(ParseInt("-12"), -12);
  EXPECT_EQ(ParseInt("12 "), std::nullopt);
  EXPECT_EQ(ParseInt(""), std::nullopt);
  EXPECT_EQ(ParseInt("9223372036854775808"), std::nullopt);
  EXPECT_EQ(ParseDouble("0.5"), 0.5);
  EXPECT_EQ(ParseDouble("inf"), std::nullopt);
}

}  // namespace
}  // namespace trunkline
