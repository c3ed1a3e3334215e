#include "libs/postgres/copy_buffer.h"

#include <gtest/gtest.h>

namespace trunkline::postgres {
namespace {

TEST(CopyBufferTest, WritesTheTextFormat) {
  CopyBuffer rows;
  rows.Text("a\tb\\c\nd").Integer(-5).Null().Timestamp(0).Bytes(std::string_view("\0\xFF", 2)).Real(1.5).EndRow();
  rows.TextOrNull("").EndRow();
  EXPECT_EQ(rows.data(), "a\\tb\\\\c\\nd\t-5\t\\N\t1970-01-01 00:00:00.000000+00\t\\\\x00ff\t1.5\n\\N\n");
  rows.Clear();
  EXPECT_TRUE(rows.empty());
}

}  // namespace
}  // namespace trunkline::postgres
