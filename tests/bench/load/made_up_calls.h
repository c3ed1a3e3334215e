// Status webhooks of made-up calls, as Twilio sends them: initiated, ringing, in-progress and completed of each call.
//
// Everything follows from the seed, the call's number and the sequence, so that whoever looks at the other end can name
// what must have arrived. Two seeds have no CallSid in common.
#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"

namespace trunkline::bench {

inline constexpr int kWebhooksOfACall = 4;

class MadeUpCalls {
 public:
  // The first call began at `start`, the others each a moment later.
  MadeUpCalls(uint32_t seed, std::string account_sid, absl::Time start);

  // "CA", the seed in 8 hexadecimal digits, the call's number in 24.
  std::string CallSid(int64_t call) const;
  // The form that is posted; `sequence` is 0 to 3. About 600 bytes.
  std::string Body(int64_t call, int sequence) const;
  // The same for every delivery of one webhook.
  std::string IdempotencyToken(int64_t call, int sequence) const;

 private:
  uint32_t seed_;
  std::string account_sid_;
  absl::Time start_;
};

}  // namespace trunkline::bench
