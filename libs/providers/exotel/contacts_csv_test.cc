#include "libs/providers/exotel/contacts_csv.h"

#include <gtest/gtest.h>

#include "libs/providers/exotel/multipart.h"

namespace trunkline::providers::exotel {
namespace {

TEST(ContactsCsvTest, NumbersAreQuotedOneALine) {
  EXPECT_EQ(*ContactsCsv({"+919876543210", "+15550100001"}), "\"number\"\r\n\"+919876543210\"\r\n\"+15550100001\"\r\n");
}

TEST(ContactsCsvTest, NothingButNumbersGetsIn) {
  for (const char* text : {"", "=1+1", "+91\"", "+91,1", "919876543210", "+9198765\r\n"}) {
    const auto csv = ContactsCsv({"+919876543210", text});
    EXPECT_EQ(csv.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(csv.status().message(), "the number in place 2 is not E.164");
  }
}

TEST(ContactsCsvTest, NoFieldIsAFormula) {
  EXPECT_EQ(CsvField("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
  for (const char* text : {"+1", "-1", "@x", "\tx", "\rx"}) EXPECT_EQ(CsvField(text).substr(0, 2), "\"'") << text;
  EXPECT_EQ(CsvField("a,\"b\""), "\"a,\"\"b\"\"\"");
}

TEST(ContactsCsvTest, TheUploadIsAForm) {
  const MultipartFile file = UploadOf("march", "\"number\"\r\n", "xyz");
  const auto form = ParseMultipart(file.content_type, file.body);
  ASSERT_TRUE(form.has_value());
  EXPECT_EQ(FindInForm(*form, "list_name"), "march");
  EXPECT_EQ(FindInForm(*form, "type"), "static");
  EXPECT_EQ(FindInForm(*form, "file_name"), "\"number\"\r\n");
}

}  // namespace
}  // namespace trunkline::providers::exotel
