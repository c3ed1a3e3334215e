// Whether the gateway can do its work: asked of its dependencies once a second, told without asking.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "libs/base/background_worker.h"

namespace trunkline::gateway {

class Readiness {
 public:
  struct Check {
    std::string part;
    std::function<absl::Status()> ask;  // may block for a while
  };

  // `on_change` is told every new answer.
  Readiness(std::vector<Check> checks, std::function<void(bool ready)> on_change);

  // OK, or UNAVAILABLE with everything that is missing. Does not block.
  absl::Status status() const;
  // From now on the answer is no.
  void Leave();

 private:
  void Ask();
  void Set(absl::Status status);

  const std::vector<Check> checks_;
  const std::function<void(bool)> on_change_;
  mutable std::mutex mutex_;
  bool left_ = false;
  absl::Status status_;
  BackgroundWorker asker_;
};

}  // namespace trunkline::gateway
