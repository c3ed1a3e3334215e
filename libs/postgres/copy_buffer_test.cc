#include "libs/postgres/copy_buffer.h"

#include <gtest/gtest.h>

#include "libs/base/encoding.h"

namespace trunkline::postgres {
namespace {

TEST(CopyBufferTest, WritesTheBinaryFormat) {
  CopyBuffer rows;
  EXPECT_TRUE(rows.empty());
  rows.Text("ab").Bigint(-5).Null().EndRow();
  rows.Integer(258).Uuid("0190b2c3-0000-7000-8000-000000000001").Uuid("none").EndRow();
  EXPECT_EQ(HexEncode(rows.data()),
            "5047434f50590aff0d0a00"  // the signature
            "0000000000000000"        // flags, extension
            "0003"                    // a row of three fields
            "00000002"
            "6162"  // text
            "00000008"
            "fffffffffffffffb"  // bigint
            "ffffffff"          // NULL
            "0003"              // another row
            "00000004"
            "00000102"  // integer
            "00000010"
            "0190b2c3000070008000000000000001"  // uuid
            "ffffffff");                        // what is no UUID
  EXPECT_EQ(HexEncode(CopyBuffer::Trailer()), "ffff");
}

}  // namespace
}  // namespace trunkline::postgres
