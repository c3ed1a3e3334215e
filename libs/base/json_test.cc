#include "libs/base/json.h"

#include <gtest/gtest.h>

namespace trunkline {
namespace {

std::string Nested(int depth) { return std::string(depth, '[') + std::string(depth, ']'); }

TEST(JsonTest, WhatIsReadIsWrittenOnOneLine) {
  EXPECT_EQ(WriteJson(ParseJson(R"( {"b": [1, true, null], "a": "ä"} )")), R"({"a":"ä","b":[1,true,null]})");
  EXPECT_EQ(WriteJson(ParseOrderedJson(R"( {"b": 1.5, "a": {}} )")), R"({"b":1.5,"a":{}})");
}

TEST(JsonTest, TheLastValueOfANameCounts) { EXPECT_EQ(ParseJson(R"({"a":1,"a":2})").at("a"), 2); }

TEST(JsonTest, WhatIsNoJsonIsDiscarded) {
  for (const char* text : {"", "{", "[1,]", "{'a':1}", "1 2", "\"\xff\"", "nul", "\"", "\"\\"}) {
    EXPECT_TRUE(ParseJson(text).is_discarded()) << text;
    EXPECT_TRUE(ParseOrderedJson(text).is_discarded()) << text;
    EXPECT_FALSE(ParseJson(text).is_object()) << text;
  }
}

TEST(JsonTest, DepthIsBounded) {
  EXPECT_EQ(WriteJson(ParseJson(Nested(kDeepestJson))), Nested(kDeepestJson));
  EXPECT_TRUE(ParseJson(Nested(kDeepestJson + 1)).is_discarded());
  EXPECT_FALSE(ParseJson(Nested(8), 8).is_discarded());
  EXPECT_TRUE(ParseJson(Nested(9), 8).is_discarded());
  EXPECT_TRUE(ParseOrderedJson(Nested(1'000'000)).is_discarded());
}

TEST(JsonTest, BracketsSideBySideAndInTextsAreNoDepth) {
  const std::string brackets(kDeepestJson + 1, '[');
  EXPECT_EQ(ParseJson("\"\\\"" + brackets + "\""), "\"" + brackets);
  std::string flat = "[[]";
  for (int i = 0; i < kDeepestJson; ++i) flat += ",[]";
  EXPECT_EQ(ParseJson(flat + "]").size(), static_cast<size_t>(kDeepestJson) + 1);
}

TEST(JsonTest, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(WriteJson(nlohmann::json("a\xff")), "\"a\xef\xbf\xbd\"");
  EXPECT_EQ(WriteJson(nlohmann::ordered_json("a\xff")), "\"a\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace trunkline
