// What an error of the gateway's InitiateCall says about a dial.
#pragma once

#include "absl/status/status.h"

namespace trunkline::scheduler {

enum class DialRefusal {
  kNone,
  kInDoubt,       // it may have been dialled, or may still be
  kKnown,         // the request_id has a call
  kNotNow,        // a limit or a rate stood in the way, or its time was over
  kWarmUpFailed,  // the bot that is to speak was not made ready
  kBadNumber,     // the number is none
  kForbidden,     // nobody may call there
  kUnfit,         // something that was asked for is wrong, for this contact or for all
  kBadSettings,   // nothing can be dialled with the campaign's settings
};

// Of an error. All but kInDoubt and kKnown mean that the request which it answers did not dial, and that this one will
// not.
DialRefusal Understand(const absl::Status& error);

}  // namespace trunkline::scheduler
