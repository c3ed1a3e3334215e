// Addresses whose webhooks fail again and again. After 20 failures within a minute, further ones of the address are
// answered with 429 for a minute, and no more with what is wrong.
//
// Only failures are held off: what is genuine is taken from every address, since a platform sends all its customers'
// webhooks from the same ones, and does not send again what was refused.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace trunkline::webhook_ingest {

// Thread-safe. Bounded: with 10,000 addresses in hand, further ones are not counted.
class FailingSenders {
 public:
  enum class Verdict { kTell, kHoldOff, kHoldOffFromNow };

  // Counts a failure of the address. kHoldOffFromNow once for each minute that it is held off.
  Verdict Failed(std::string_view address, absl::Time now);

 private:
  struct Sender {
    absl::Time since;  // of the first failure that counts
    int failures = 0;
    bool is_held_off = false;  // for a minute since then
  };

  // Makes room, but not at every failure of a flood.
  void ForgetSome(absl::Time now);

  std::mutex mutex_;
  absl::Time forgot_at_ = absl::InfinitePast();
  std::map<std::string, Sender, std::less<>> senders_;
};

}  // namespace trunkline::webhook_ingest
