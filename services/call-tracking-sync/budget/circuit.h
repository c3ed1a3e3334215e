// Whether a platform is worth asking. After five failures in a row it is left alone for half a minute, then asked once;
// when that fails for twice as long, up to ten minutes. Credentials that were refused are not tried again. Pure.
#pragma once

#include <string>

#include "absl/time/time.h"

namespace trunkline::tracking_sync {

class Circuit {
 public:
  struct State {
    int failures = 0;  // in a row
    int opened = 0;    // times in a row
    absl::Time open_until = absl::InfinitePast();
    std::string refused_credentials = {};  // their digest

    bool operator==(const State&) const = default;
  };

  Circuit() = default;
  explicit Circuit(State state) : state_(std::move(state)) {}

  void Succeed() { state_ = {}; }
  // The platform failed, could not be reached, or did not answer in time.
  void Fail(absl::Time now);
  // `digest` stands for the account's credentials.
  void RefuseCredentials(std::string digest) { state_.refused_credentials = std::move(digest); }

  // InfiniteFuture: not with these credentials.
  absl::Time OpenUntil(const std::string& digest) const;
  // One request at a time: nobody knows yet whether it answers again.
  bool IsHalfOpen() const { return state_.opened > 0; }
  const State& state() const { return state_; }

 private:
  State state_;
};

}  // namespace trunkline::tracking_sync
