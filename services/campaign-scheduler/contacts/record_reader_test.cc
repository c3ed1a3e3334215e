#include "services/campaign-scheduler/contacts/record_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::scheduler {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr auto kCsv = campaigns::v1::FILE_FORMAT_CSV;
constexpr auto kJsonLines = campaigns::v1::FILE_FORMAT_JSON_LINES;

std::vector<Record> ReadFrom(campaigns::v1::FileFormat format, std::string_view file, size_t piece,
                             FilePlace begin = {}) {
  RecordReader reader(format, begin);
  std::vector<Record> records;
  for (size_t at = static_cast<size_t>(begin.offset); at < file.size(); at += piece) {
    reader.Append(file.substr(at, piece));
    while (auto record = reader.Next()) records.push_back(*std::move(record));
  }
  reader.End();
  while (auto record = reader.Next()) records.push_back(*std::move(record));
  return records;
}

std::vector<Record> ReadAll(std::string_view file, campaigns::v1::FileFormat format = kCsv) {
  return ReadFrom(format, file, file.size() + 1);
}

void ExpectSame(const std::vector<Record>& got, const std::vector<Record>& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].fields, wanted[i].fields);
    EXPECT_EQ(got[i].problem, wanted[i].problem);
    EXPECT_EQ(got[i].line, wanted[i].line);
    EXPECT_EQ(got[i].next.offset, wanted[i].next.offset);
    EXPECT_EQ(got[i].next.line, wanted[i].next.line);
  }
}

TEST(RecordReaderTest, QuotedFieldsHoldCommasQuotesAndLines) {
  const auto records = ReadAll("a,\"b, \"\"c\"\"\r\nd\",e\r\nf,,\"\"\n");
  ASSERT_EQ(records.size(), 2);
  EXPECT_THAT(records[0].fields, ElementsAre("a", "b, \"c\"\r\nd", "e"));
  EXPECT_EQ(records[0].line, 1);
  EXPECT_THAT(records[1].fields, ElementsAre("f", "", ""));
  EXPECT_EQ(records[1].line, 3);
  EXPECT_EQ(records[1].next.line, 4);
}

TEST(RecordReaderTest, TheLastLineNeedsNoEnd) {
  EXPECT_THAT(ReadAll("a,b\nc,d")[1].fields, ElementsAre("c", "d"));
  EXPECT_THAT(ReadAll("a,b\nc,")[1].fields, ElementsAre("c", ""));
  EXPECT_THAT(ReadAll("a,\"b\"")[0].fields, ElementsAre("a", "b"));
  EXPECT_THAT(ReadAll(""), IsEmpty());
}

TEST(RecordReaderTest, AByteOrderMarkIsLeftOutAndCountsAsBytes) {
  const auto records = ReadAll("\xEF\xBB\xBFnumber\n1\n");
  EXPECT_THAT(records[0].fields, ElementsAre("number"));
  EXPECT_EQ(records[0].next.offset, 10);
}

TEST(RecordReaderTest, AnEmptyLineIsBlank) {
  const auto records = ReadAll("a\n\r\n\nb\n");
  ASSERT_EQ(records.size(), 4);
  EXPECT_TRUE(records[1].IsBlank());
  EXPECT_TRUE(records[2].IsBlank());
  EXPECT_FALSE(records[3].IsBlank());
}

TEST(RecordReaderTest, AQuoteThatIsNotClosedCostsItsOwnLineOnly) {
  const auto records = ReadAll("a,\"b\nc,d\ne,f\n");
  ASSERT_EQ(records.size(), 3);
  EXPECT_THAT(records[0].problem, HasSubstr("not closed"));
  EXPECT_THAT(records[1].fields, ElementsAre("c", "d"));
  EXPECT_THAT(records[2].fields, ElementsAre("e", "f"));
}

TEST(RecordReaderTest, TextAfterAClosedQuoteIsWrong) {
  const auto records = ReadAll("\"a\"b,c\nd,e\n");
  EXPECT_THAT(records[0].problem, HasSubstr("closed quote"));
  EXPECT_THAT(records[1].fields, ElementsAre("d", "e"));
}

TEST(RecordReaderTest, NulAndMalformedUtf8AreRefused) {
  const auto records = ReadAll(std::string("a\0b\nc\xFF\nd\n", 9));
  EXPECT_THAT(records[0].problem, HasSubstr("UTF-8"));
  EXPECT_THAT(records[1].problem, HasSubstr("UTF-8"));
  EXPECT_THAT(records[2].fields, ElementsAre("d"));
}

TEST(RecordReaderTest, ALongRecordIsWrongAndTheNextOneIsNot) {
  for (const std::string& begin : {std::string("x"), std::string("\"x")}) {
    for (const auto format : {kCsv, kJsonLines}) {
      const std::string file = begin + std::string(RecordReader::kLongestRecord, 'y') + "\nnext\n";
      const auto records = ReadAll(file, format);
      ASSERT_EQ(records.size(), 2);
      EXPECT_THAT(records[0].problem, HasSubstr("64 KiB"));
      EXPECT_THAT(records[1].fields, ElementsAre("next"));
      EXPECT_EQ(records[1].line, 2);
      ExpectSame(ReadFrom(format, file, 1'000), records);
    }
  }
}

TEST(RecordReaderTest, TheSameBytesGiveTheSameRecordsHoweverTheyAreCut) {
  std::mt19937 random(7);
  const std::vector<std::string> pieces = {"a", "\"", "\"\"", ",", "\r\n", "\n", "\r", "\xC3\xA9", "\xFF", "long text"};
  for (int round = 0; round < 2'000; ++round) {
    std::string file = round % 3 == 0 ? "\xEF\xBB\xBF" : "";
    for (int i = 0; i < 30; ++i) file += pieces[random() % pieces.size()];
    for (const auto format : {kCsv, kJsonLines}) {
      const auto whole = ReadAll(file, format);
      ExpectSame(ReadFrom(format, file, 1), whole);
      ExpectSame(ReadFrom(format, file, 1 + random() % 7), whole);
      // Whoever begins after any record goes on as the first reader did.
      for (size_t i = 0; i < whole.size(); ++i) {
        ExpectSame(ReadFrom(format, file, 5, whole[i].next), {whole.begin() + static_cast<long>(i) + 1, whole.end()});
      }
    }
  }
}

}  // namespace
}  // namespace trunkline::scheduler
