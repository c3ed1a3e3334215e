// Leaves a provider account alone for a while whose provider failed many times in a row (a circuit breaker), so that
// calls are refused at once, before anything is committed, instead of ending in doubt one after the other.
//
//   closed      every dial may go on; failures in a row are counted
//   resting     no dial, for Options::rest
//   half open   one dial tries; its success closes, its failure rests again
//
// A provider that says for how long it takes no more calls (429 with Retry-After) is left alone for that time, from the
// first such answer on.
//
// Each gateway has its own view. Thread-safe; in memory alone.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/base/clock.h"
#include "libs/providers/call_client.h"

namespace trunkline::gateway {

class AccountGuard {
 public:
  struct Options {
    int failures = 10;  // in a row
    absl::Duration rest = absl::Seconds(15);
    absl::Duration longest_rest = absl::Minutes(10);  // whatever the provider asks for
  };

  // The clock outlives the object.
  explicit AccountGuard(const Clock& clock) : AccountGuard(clock, Options()) {}
  AccountGuard(const Clock& clock, Options options) : clock_(clock), options_(options) {}

  // UNAVAILABLE PROVIDER_ACCOUNT_RESTING with RetryInfo while the account rests.
  absl::Status MayDial(const std::string& provider_account_id);
  // The same without using up the one try of a half-open breaker.
  absl::Status Look(const std::string& provider_account_id) const;
  // What came of a dial. Only what the provider failed at counts: a refusal is a provider that works.
  void Note(const std::string& provider_account_id, const providers::DialOutcome& outcome);

 private:
  struct State {
    int failures = 0;
    absl::Time rests_until = absl::InfinitePast();
    absl::Time told_until = absl::InfinitePast();  // by the provider
  };

  // While the account rests. The lock is held.
  absl::Status Rest(const std::string& provider_account_id, const State& state, absl::Time now) const;

  const Clock& clock_;
  const Options options_;
  mutable std::mutex mutex_;
  std::map<std::string, State> accounts_;  // those with failures, and those that were told to wait
};

}  // namespace trunkline::gateway
