#include "services/campaign-scheduler/contacts/file_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "services/campaign-scheduler/contacts/record_reader.h"

namespace trunkline::scheduler {
namespace {

TEST(FileWriterTest, WhatASpreadsheetWouldComputeIsNeutralised) {
  for (const char* formula : {"=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\tx", "+1 202", "=\"a\""}) {
    const std::string field = CsvField(formula);
    EXPECT_EQ(field.find('\''), field.front() == '"' ? 1 : 0) << formula;
  }
}

TEST(FileWriterTest, NumbersAndTextStay) {
  for (const char* value : {"+12025550123", "-5", "3.5", "", "Ada", "a=b", "O'Hara"}) EXPECT_EQ(CsvField(value), value);
}

TEST(FileWriterTest, WhatIsWrittenReadsBack) {
  const FileWriter writer(campaigns::v1::FILE_FORMAT_CSV, {"a", "b"});
  std::string file = writer.Header();
  writer.Write({"x, \"y\"\r\nz", nullptr}, &file);
  RecordReader reader(campaigns::v1::FILE_FORMAT_CSV, {});
  reader.Append(file);
  reader.End();
  EXPECT_EQ(reader.Next()->fields, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(reader.Next()->fields, (std::vector<std::string>{"x, \"y\"\r\nz", ""}));
}

TEST(FileWriterTest, JsonLinesLeaveOutWhatIsNotThere) {
  const FileWriter writer(campaigns::v1::FILE_FORMAT_JSON_LINES, {"b", "a"});
  std::string file = writer.Header();
  writer.Write({"=1", 2}, &file);
  writer.Write({nullptr, true}, &file);
  EXPECT_EQ(file, "{\"b\":\"=1\",\"a\":2}\n{\"a\":true}\n");
}

}  // namespace
}  // namespace trunkline::scheduler
