// What happens to a call, at every provider: chosen by the last two digits of the dialled number, so that a test picks
// its story by the number. README.md has the table for users; this is the table itself.
#pragma once

#include <string_view>

#include "absl/time/time.h"

namespace trunkline::twin {

// How the REST request that places the call is answered.
enum class PlacingReply {
  kCreated,          // as the provider says yes
  kInvalidNumber,    // 400, nothing placed
  kErrorButPlaced,   // 500, although the call goes on
  kLostButPlaced,    // the connection closes without an answer; the call goes on
  kSlowAndPlaced,    // answered only after Settings::slow_reply_ms; the call goes on
  kErrorNotPlaced,   // 500, nothing placed
  kTooManyRequests,  // 429, nothing placed
};

enum class Pickup { kAnswer, kBusy, kNoAnswer, kUnreachable, kDeclined };

// Who or what answers, when machine detection asks.
enum class Listener { kHuman, kMachine, kFax, kUnknown };

struct Script {
  PlacingReply reply = PlacingReply::kCreated;
  Pickup pickup = Pickup::kAnswer;
  int sip_code = 200;
  absl::Duration ring = absl::Seconds(2);
  Listener listener = Listener::kHuman;
  // How long the called party stays, if the instructions do not end the call before.
  absl::Duration patience = absl::Minutes(5);
  // How long two parties talk after the instructions have joined them.
  absl::Duration talk = absl::Seconds(20);
  // Presses keys, or speaks, when asked.
  bool responds = true;
};

//   00-44  answers after 2 s, presses keys when asked; two parties talk for 10 s plus the two digits
//   45-49  answers after 2 s, but never presses a key
//   50     busy (486)
//   51     no answer: rings until the caller's time-out (487)
//   52     fails, unreachable (404)
//   53     answers after 15 s
//   54     declines (603), reported as busy
//   55     answers as a machine, when asked
//   56     REST error 400, invalid number
//   57     REST error 500 after the call was placed
//   58     the reply is lost: placed, but the connection closes without an answer
//   59     time-out: placed, but answered only after a long delay
//   60     REST error 500, not placed
//   61     REST error 429, not placed
//   62     answers, and hangs up after 1.5 s
//   63     answers as a fax, when asked
//   64     answers, and what it is stays unknown, when asked
//   65-99  as 00
Script ScriptFor(std::string_view number);

}  // namespace trunkline::twin
