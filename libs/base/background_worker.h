// A thread that does a piece of work again and again: when it is woken, and at the latest after an interval.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/backoff.h"

namespace trunkline {

class BackgroundWorker {
 public:
  // True when there is more to do at once. After an error it is logged and tried again after a growing while, whoever
  // wakes it.
  using Work = std::function<absl::StatusOr<bool>()>;

  // `gather`: so long after it was woken it begins, so that what comes in the meantime is done along with it.
  BackgroundWorker(std::string name, absl::Duration interval, Work work, absl::Duration gather = absl::ZeroDuration());
  // Waits for the piece of work under way.
  ~BackgroundWorker();

  // Any thread; does not block.
  void Wake();
  // How the work ended the last time; UNAVAILABLE before it was done once. Any thread; does not block.
  absl::Status status() const;

 private:
  void Run(const std::stop_token& stop);
  // True when it was woken.
  bool Sleep(const std::stop_token& stop, absl::Duration limit, bool wakeable);

  const std::string name_;
  const absl::Duration interval_;
  const absl::Duration gather_;
  const Work work_;
  Backoff backoff_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  bool woken_ = false;
  absl::Status status_;
  std::jthread thread_;
};

}  // namespace trunkline
