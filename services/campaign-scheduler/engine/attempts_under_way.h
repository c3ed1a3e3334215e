// Attempts between their commit and the commit of their end: the dial is asked for, its call is waited for, and whoever
// stays silent is asked about. An attempt ends only when it is certain what came of it:
//
//   committed -> asked for -> a call        -> its outcome is told, or found when it stayed silent
//                          -> refused       -> ended, when no other question for it can have been heard
//                          -> in doubt      -> asked for again until dial_before, then it is found out (FindDial)
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/campaign-scheduler/engine/campaign.h"
#include "services/campaign-scheduler/engine/commit.h"
#include "services/campaign-scheduler/engine/effects.h"
#include "services/campaign-scheduler/engine/gateway_answer.h"
#include "services/campaign-scheduler/engine/inputs.h"

namespace trunkline::scheduler {

// What came of an attempt.
struct AttemptEnd {
  AttemptUnderWay attempt;
  v1::Disposition disposition = v1::DISPOSITION_UNSPECIFIED;
  absl::Time ended_at;
  absl::Duration talk;
  v1::Attempt outcome;                       // hangup and error alone
  DialRefusal refusal = DialRefusal::kNone;  // of an attempt that the gateway refused
  absl::Status why;                          // then
};

class AttemptsUnderWay {
 public:
  struct Options {
    absl::Duration call_silence = absl::Minutes(10);
    absl::Duration retry = absl::Milliseconds(200);
    absl::Duration retry_most = absl::Seconds(5);
  };

  explicit AttemptsUnderWay(Options options) : options_(options) {}

  // Of the owner before: its questions may have been heard.
  void Adopt(AttemptUnderWay attempt, absl::Time now);
  // Committed just now: it is asked for in the next Advance().
  void Begin(AttemptUnderWay attempt, absl::Time now);

  void NoteAnswer(const DialAnswered& answer, absl::Time now);
  void NoteFound(const DialFound& found, absl::Time now);
  void NoteInquiry(const CallInquired& inquiry, absl::Time now);
  // False when the attempt is not under way: its end is committed.
  bool NoteOutcome(const AttemptOutcome& outcome);

  // Asks what is to be asked by now. Nothing is dialled while the campaign does not run.
  void Advance(const Campaign& campaign, bool may_dial, absl::Time now, Effects* effects);
  absl::Time wake_at() const { return timers_.empty() ? absl::InfiniteFuture() : timers_.begin()->first; }

  // What is to be committed next.
  std::vector<CallTold> TakeCalls() { return std::exchange(calls_, {}); }
  std::vector<AttemptEnd> TakeEnds() { return std::exchange(ends_, {}); }
  // Its end is committed.
  void Forget(const std::string& attempt_id);

  bool empty() const { return attempts_.empty(); }
  size_t size() const { return attempts_.size(); }
  size_t dialing() const { return dialing_; }

 private:
  enum class Stage { kToDial, kDialing, kToFind, kFinding, kInCall, kInquiring, kToLook, kLooking, kEnded };
  struct Entry {
    AttemptUnderWay attempt;
    Stage stage = Stage::kToDial;
    bool in_doubt = false;  // some question for it may have been heard
    DialRefusal refusal = DialRefusal::kNone;
    absl::Status why;
    absl::Duration pause = absl::ZeroDuration();
    absl::Time timer = absl::InfiniteFuture();
  };

  Entry* Find(const std::string& attempt_id, Stage stage);
  void Move(Entry* entry, Stage stage, absl::Time timer);
  void Again(Entry* entry, Stage stage, absl::Time now);
  void HasCall(Entry* entry, const std::string& call_id, absl::Time now);
  void End(Entry* entry, AttemptEnd end);
  void EndUndialed(Entry* entry, absl::Time now);
  static bool IsDialing(Stage stage);

  const Options options_;
  std::unordered_map<std::string, Entry> attempts_;
  std::set<std::pair<absl::Time, std::string>> timers_;
  std::vector<CallTold> calls_;
  std::vector<AttemptEnd> ends_;
  size_t dialing_ = 0;  // without a call
};

}  // namespace trunkline::scheduler
