// What becomes of a call: by the last two digits of the dialled number, so that a demonstration picks its story by the
// number. docs/providers.md has the table for users; the provider twin tells the same stories.
#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "trunkline/calls/v1/call.pb.h"

namespace trunkline::providers::mock {

// How the request to place the call is answered.
enum class PlacingReply {
  kPlaced,
  kInvalidNumber,    // not placed
  kErrorButPlaced,   // the provider fails, although the call goes on
  kLostButPlaced,    // the answer is lost; the call goes on
  kSlowButPlaced,    // no answer in time; the call goes on
  kErrorNotPlaced,   // the provider fails before it placed the call
  kTooManyRequests,  // not placed
};

enum class Pickup { kAnswer, kBusy, kNoAnswer, kUnreachable, kDeclined };

struct Script {
  PlacingReply reply = PlacingReply::kPlaced;
  Pickup pickup = Pickup::kAnswer;
  int sip_code = 200;
  absl::Duration ring = absl::Seconds(2);
  calls::v1::AnsweredBy listener = calls::v1::ANSWERED_BY_HUMAN;
  // How long the called party stays, if the plan does not end the call before.
  absl::Duration patience = absl::Minutes(5);
  // How long two parties talk once they are joined, or one that no plan speaks to.
  absl::Duration talk = absl::Seconds(20);
  // Presses keys, or speaks, when asked.
  bool responds = true;
};

//   00-44  answers after 2 s, presses keys when asked; talks for 10 s plus the two digits
//   45-49  answers after 2 s, but never presses a key
//   50     busy (486)
//   51     no answer: rings until the ring time is over (487)
//   52     fails, unreachable (404)
//   53     answers after 15 s
//   54     declines (603), reported as busy
//   55     a machine answers
//   56     refused: invalid number
//   57     the provider fails after the call was placed
//   58     the reply is lost, the call is placed
//   59     the reply is too late, the call is placed
//   60     the provider fails, not placed
//   61     too many requests, not placed
//   62     answers, and hangs up after 1.5 s
//   63     a fax answers
//   64     answers, and what it is stays unknown
//   65-99  as 00
Script ScriptFor(std::string_view number);

}  // namespace trunkline::providers::mock
