#include "services/concurrency-governor/journal/slot_lines.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string_view>
#include <vector>

#include "libs/base/text.h"

namespace trunkline::governor {
namespace {

std::string LineOf(const Slot& slot) {
  std::string line;
  AppendWholeLine(slot, &line);
  return line;
}
std::string EndLineOf(const Slot& slot) {
  std::string line;
  AppendEndLine(slot, &line);
  return line;
}

class AnySlot {
 public:
  explicit AnySlot(uint32_t seed) : random_(seed) {}

  Slot Next() {
    Slot slot{.grant = std::make_shared<SlotGrant>(SlotGrant{.slot_id = SlotIdOf("b", Text()),
                                                             .fencing_token = static_cast<int64_t>(random_()),
                                                             .request_id = Text(),
                                                             .subject = {Text(), Text(), Text(), Text()},
                                                             .kind = SlotKind::kInbound,
                                                             .granted_at = Time()}),
              .call_id = Text(),
              .last_news_at = Time(),
              .reason = ReleaseReason::kFoundEnded};
    if (random_() % 2 == 0) slot.expires_at = Time();
    if (random_() % 2 == 0) slot.released_at = Time();
    return slot;
  }

 private:
  std::string Text() {
    static constexpr std::string_view kPieces[] = {"%", "\t", "\n", "09", "0A", "25", "a", "\\", "\r", "\xc3\xa9"};
    std::string text;
    for (auto pieces = random_() % 6; pieces > 0; --pieces) text += kPieces[random_() % std::size(kPieces)];
    return text;
  }
  absl::Time Time() { return absl::FromUnixMicros(1'800'000'000'000'000 + static_cast<int64_t>(random_())); }

  std::mt19937 random_;
};

TEST(SlotLinesTest, ASlotIsReadAsItWasWritten) {
  AnySlot any(7);
  for (int i = 0; i < 5'000; ++i) {
    const Slot slot = any.Next();
    const std::string line = LineOf(slot);
    ASSERT_EQ(line.find('\n'), std::string::npos) << "one line";
    const auto read = SlotOfLine(line);
    ASSERT_TRUE(read.ok()) << read.status();
    ASSERT_EQ(read->slot_id(), slot.slot_id());
    ASSERT_EQ(read->fencing_token(), slot.fencing_token());
    ASSERT_EQ(read->grant->request_id, slot.grant->request_id);
    ASSERT_EQ(read->subject(), slot.subject());
    ASSERT_EQ(read->kind(), slot.kind());
    ASSERT_EQ(read->call_id, slot.call_id);
    ASSERT_EQ(read->granted_at(), slot.granted_at());
    ASSERT_EQ(read->expires_at, slot.expires_at);
    ASSERT_EQ(read->last_news_at, slot.last_news_at);
    ASSERT_EQ(read->released_at, slot.released_at);
    ASSERT_EQ(read->reason, slot.reason);
    ASSERT_FALSE(IsEndLine(line));
    ASSERT_EQ(SlotIdOfLine(line), slot.slot_id());
  }
}

TEST(SlotLinesTest, AnEndIsReadAsItWasWritten) {
  AnySlot any(11);
  for (int i = 0; i < 1'000; ++i) {
    Slot slot = any.Next();
    slot.released_at = slot.granted_at() + absl::Microseconds(i);
    const std::string line = EndLineOf(slot);
    ASSERT_TRUE(IsEndLine(line));
    ASSERT_EQ(SlotIdOfLine(line), slot.slot_id());
    const auto end = EndOfLine(line);
    ASSERT_TRUE(end.ok()) << end.status();
    ASSERT_EQ(end->released_at, slot.released_at);
    ASSERT_EQ(end->reason, slot.reason);
    ASSERT_EQ(end->last_news_at, slot.last_news_at);
    ASSERT_TRUE(EndOfLine(line + "\tnew").ok()) << "what a later version adds is passed over";
  }
}

// The line without its last field, without its last two, and so on.
std::vector<std::string_view> CutOff(std::string_view line) {
  std::vector<std::string_view> pieces;
  for (size_t cut = line.rfind('\t'); cut != std::string_view::npos; cut = line.rfind('\t')) {
    pieces.push_back(line = line.substr(0, cut));
  }
  return pieces;
}

TEST(SlotLinesTest, EveryLineThatIsCutOffIsRefused) {
  Slot slot = AnySlot(3).Next();
  const std::string whole = LineOf(slot);
  ASSERT_EQ(CutOff(whole).size(), 13U);
  for (const std::string_view piece : CutOff(whole)) EXPECT_FALSE(SlotOfLine(piece).ok()) << piece;
  EXPECT_FALSE(SlotOfLine("").ok());
  slot.released_at = slot.granted_at();
  const std::string end = EndLineOf(slot);
  ASSERT_EQ(CutOff(end).size(), 4U);
  for (const std::string_view piece : CutOff(end)) EXPECT_FALSE(EndOfLine(piece).ok()) << piece;
  EXPECT_FALSE(SlotOfLine(end).ok());
  EXPECT_FALSE(IsEndLine(""));
}

TEST(SlotLinesTest, WhatALaterVersionAddsIsPassedOver) {
  const Slot slot = AnySlot(5).Next();
  const auto read = SlotOfLine(LineOf(slot) + "\tnew");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->last_news_at, slot.last_news_at);
}

}  // namespace
}  // namespace trunkline::governor
