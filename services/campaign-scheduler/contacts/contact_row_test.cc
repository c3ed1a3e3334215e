#include "services/campaign-scheduler/contacts/contact_row.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "libs/base/status.h"
#include "libs/base/text.h"
#include "trunkline/campaigns/v1/campaign.pb.h"

namespace trunkline::scheduler {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

struct Outcome {
  bool good = false;
  ContactRow row;
  std::vector<RowProblem> problems;
  campaigns::v1::Contact variables;
};

Outcome Read(ContactRowReader reader, std::vector<std::string> fields) {
  Outcome outcome;
  Record record{.fields = std::move(fields), .line = 7};
  outcome.good = reader.Read(record, &outcome.row, &outcome.problems);
  EXPECT_TRUE(outcome.variables.ParseFromString(outcome.row.variables));
  return outcome;
}

Outcome ReadJson(std::string line) { return Read(ContactRowReader::ForJsonLines("US"), {std::move(line)}); }

ContactRowReader Csv(const std::vector<std::string>& header, std::string region = "US") {
  return *ContactRowReader::ForCsv(header, std::move(region));
}

TEST(ContactRowTest, KnownColumnsAreReadAndOthersAreVariables) {
  const Outcome outcome = Read(Csv({"Phone", "External_ID", "time_zone", "priority", "first name"}),
                               {"(202) 555-0123", " c-1 ", "America/New_York", "-5", "Ada"});
  EXPECT_TRUE(outcome.good);
  EXPECT_EQ(outcome.row.number, "+12025550123");
  EXPECT_EQ(outcome.row.external_id, "c-1");
  EXPECT_EQ(outcome.row.time_zone, "America/New_York");
  EXPECT_EQ(outcome.row.priority, -5);
  EXPECT_THAT(outcome.variables.variables(), UnorderedElementsAre(Pair("first name", "Ada")));
}

TEST(ContactRowTest, AShortRowLeavesTheRestEmptyAndALongOneIsWrong) {
  EXPECT_TRUE(Read(Csv({"number", "name"}), {"+12025550123"}).good);
  const Outcome outcome = Read(Csv({"number"}), {"+12025550123", "x"});
  EXPECT_FALSE(outcome.good);
  EXPECT_THAT(outcome.problems[0].message, HasSubstr("2 fields"));
}

TEST(ContactRowTest, EverythingThatIsWrongIsToldWithItsLineAndWithoutTheNumber) {
  const Outcome outcome = Read(Csv({"number", "time_zone", "priority"}), {"+1202555", "Mars/Olympus", "101"});
  EXPECT_FALSE(outcome.good);
  ASSERT_EQ(outcome.problems.size(), 3);
  for (const RowProblem& problem : outcome.problems) {
    EXPECT_EQ(problem.line, 7);
    EXPECT_THAT(problem.message, Not(HasSubstr("1202555")));
  }
  EXPECT_EQ(outcome.problems[0].column, "number");
}

TEST(ContactRowTest, ANationalNumberNeedsARegion) {
  EXPECT_FALSE(Read(Csv({"number"}, ""), {"2025550123"}).good);
  EXPECT_EQ(Read(Csv({"number"}, "IN"), {"98765 43210"}).row.number, "+919876543210");
  EXPECT_FALSE(Read(Csv({"number"}), {""}).good);
}

TEST(ContactRowTest, AHeaderNamesTheNumberAndEachColumnOnce) {
  for (const std::vector<std::string>& header :
       std::vector<std::vector<std::string>>{{"name"}, {"number", "phone"}, {"number", "x", "x"}, {"number", ""}}) {
    EXPECT_EQ(ReasonOf(ContactRowReader::ForCsv(header, "").status()), Reason::REASON_INVALID_FIELD);
  }
}

TEST(ContactRowTest, JsonHasVariablesInAnObjectOrBesideIt) {
  const Outcome good = ReadJson(
      R"({"phone": 12025550123, "priority": 3, "age": 41, "vip": true, "gone": null, "variables": {"number": "x"}})");
  EXPECT_TRUE(good.good);
  EXPECT_EQ(good.row.number, "+12025550123");
  EXPECT_EQ(good.row.priority, 3);
  EXPECT_THAT(good.variables.variables(),
              UnorderedElementsAre(Pair("age", "41"), Pair("vip", "true"), Pair("number", "x")));
}

TEST(ContactRowTest, JsonThatIsNoContactIsWrong) {
  for (const char* line : {"", "[]", "{", R"({"number": ["+12025550123"]})", R"({"number": "+12025550123", "a": {}})",
                           R"({"number": "+12025550123", "": 1})", R"({"number": "+12025550123", "a": "\u0000"})",
                           R"({"number": "+12025550123", "variables": 1})", R"({"name": "nobody"})"}) {
    EXPECT_FALSE(ReadJson(line).good) << line;
  }
}

TEST(ContactRowTest, VariablesAreBounded) {
  std::string many = R"({"number": "+12025550123")";
  for (int i = 0; i < 51; ++i) many += Concat(",\"v", i, "\": 1");
  EXPECT_FALSE(ReadJson(many + "}").good);
  EXPECT_FALSE(ReadJson(R"({"number": "+12025550123", "a": ")" + std::string(5'000, 'x') + "\"}").good);
  EXPECT_FALSE(ReadJson(R"({"number": "+12025550123", ")" + std::string(65, 'x') + "\": 1}").good);
}

}  // namespace
}  // namespace trunkline::scheduler
