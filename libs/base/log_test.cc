#include "libs/base/log.h"

#include <gtest/gtest.h>

#include "libs/base/json.h"
#include "libs/base/trace.h"

namespace trunkline {
namespace {

TEST(LogTest, ALineIsOneJsonObject) {
  const auto line = ParseJson(FormatLogLine(LogLevel::kInfo, "gateway", "call placed",
                                            {{"call_id", "x"}, {"tries", 2}, {"ok", true}, {"bad", "\xFF\n\""}}));
  EXPECT_EQ(line["level"], "info");
  EXPECT_EQ(line["service"], "gateway");
  EXPECT_EQ(line["msg"], "call placed");
  EXPECT_EQ(line["tries"], 2);
  EXPECT_EQ(line["ok"], true);
  EXPECT_FALSE(line.contains("trace_id"));
}

TEST(LogTest, NumbersAreMaskedWhereverTheyStand) {
  EXPECT_EQ(MaskNumber("+15550100002"), "+*******0002");
  EXPECT_EQ(MaskNumber("911"), "911");
  EXPECT_EQ(MaskNumbers("from +15550100002 to +15550100003, code +12"), "from +*******0002 to +*******0003, code +12");
  const std::string line =
      FormatLogLine(LogLevel::kError, "s", "m", {{"error", absl::InternalError("no +15550100002")}});
  EXPECT_EQ(line.find("15550100002"), std::string::npos);
}

TEST(LogTest, TheThreadsTraceIsInTheLine) {
  const TraceContext trace = ChildOf({});
  const TraceScope scope(trace);
  const auto line = ParseJson(FormatLogLine(LogLevel::kInfo, "s", "m", {}));
  EXPECT_EQ(line["trace_id"], trace.trace_id);
}

}  // namespace
}  // namespace trunkline
