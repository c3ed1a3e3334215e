#include "libs/base/trace.h"

#include <gtest/gtest.h>

namespace trunkline {
namespace {

constexpr char kHeader[] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceTest, ReadsAndWritesTheHeader) {
  const TraceContext trace = ParseTraceparent(kHeader);
  EXPECT_TRUE(trace.IsValid());
  EXPECT_TRUE(trace.sampled);
  EXPECT_EQ(trace.ToTraceparent(), kHeader);
}

TEST(TraceTest, MalformedHeadersAreNoTrace) {
  for (const char* header : {"", "00", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
                             "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                             "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                             "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                             "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"}) {
    EXPECT_FALSE(ParseTraceparent(header).IsValid()) << header;
  }
}

TEST(TraceTest, AChildKeepsTheTraceAndGetsItsOwnSpan) {
  const TraceContext parent = ParseTraceparent(kHeader);
  const TraceContext child = ChildOf(parent);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_NE(child.span_id, parent.span_id);
  EXPECT_TRUE(ChildOf({}).IsValid());
}

TEST(TraceTest, ScopesNest) {
  const TraceContext outer = ChildOf({});
  const TraceScope first(outer);
  {
    const TraceScope second(ChildOf(outer));
    EXPECT_NE(CurrentTrace().span_id, outer.span_id);
  }
  EXPECT_EQ(CurrentTrace().span_id, outer.span_id);
}

}  // namespace
}  // namespace trunkline
