// A call of a simulated call-tracking platform: as little as its wire, its truth and its future can be made of, because
// there may be a million. What is not here follows from `seed`.
#pragma once

#include <cstdint>

namespace trunkline::twin::tracking {

// How far a call has come. It only goes forward.
enum class Stage : uint8_t {
  kStarted,  // in the menu
  kRinging,  // a buyer is being called
  kTalking,
  kEnded,
  kSettled,  // conversion, money and recording are known
};

// How it ends, decided when it is made.
enum class Ending : uint8_t { kTalked, kCallerGaveUp, kNoAnswer, kBusy, kVoicemail, kBlocked, kNoTarget };

struct Call {
  uint64_t seed = 0;
  int64_t started_ms = 0;  // unix milliseconds, as all times here
  int64_t changed_ms = 0;  // the last change of anything
  int64_t deleted_ms = 0;  // 0: it is not
  int64_t caller = 0;      // the digits of an E.164 number; 0: withheld
  int64_t revenue = 0;     // 1/10,000 of the unit
  int64_t payout = 0;
  int64_t cost = 0;
  int32_t menu_seconds = 0;
  int32_t ring_seconds = 0;
  int32_t talk_seconds = 0;
  int32_t settle_ms = 0;  // from its end until it is settled
  uint32_t changes = 0;   // that came after it was settled
  uint16_t campaign = 0;  // rows of the account's catalogue
  uint16_t publisher = 0;
  uint16_t target = 0;
  uint16_t number = 0;
  Ending ending = Ending::kTalked;
  Stage stage = Stage::kSettled;
  bool converts = false;
  bool recorded = false;
  bool adjusted = false;  // its money was changed after it was settled

  int64_t WaitSeconds() const { return int64_t{menu_seconds} + ring_seconds; }
  bool TargetTried() const {
    return ending == Ending::kTalked || ending == Ending::kCallerGaveUp || ending == Ending::kNoAnswer ||
           ending == Ending::kBusy;
  }
  // When it comes to the stage; for a stage that it never comes to, when it would.
  int64_t MsOf(Stage wanted) const {
    switch (wanted) {
      case Stage::kStarted:
        return started_ms;
      case Stage::kRinging:
        return started_ms + menu_seconds * int64_t{1000};
      case Stage::kTalking:
        return started_ms + WaitSeconds() * 1000;
      case Stage::kEnded:
        return started_ms + (WaitSeconds() + talk_seconds) * 1000;
      case Stage::kSettled:
        return MsOf(Stage::kEnded) + settle_ms;
    }
    return started_ms;
  }

  // As of now.
  bool HasEnded() const { return stage >= Stage::kEnded; }
  bool IsSettled() const { return stage == Stage::kSettled; }
  bool IsConnected() const { return ending == Ending::kTalked && stage >= Stage::kTalking; }
  bool HasTarget() const { return TargetTried() && stage >= Stage::kRinging; }
  bool HasConverted() const { return IsSettled() && converts; }
  bool HasRecording() const { return IsSettled() && recorded; }
};

}  // namespace trunkline::twin::tracking
