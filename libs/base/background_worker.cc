#include "libs/base/background_worker.h"

#include <chrono>
#include <utility>

#include "libs/base/log.h"
#include "libs/base/text.h"

namespace trunkline {
namespace {

constexpr absl::Duration kFirstRetry = absl::Milliseconds(200);
constexpr absl::Duration kLongestRetry = absl::Seconds(10);

}  // namespace

BackgroundWorker::BackgroundWorker(std::string name, absl::Duration interval, Work work, absl::Duration gather)
    : name_(std::move(name)),
      interval_(interval),
      gather_(gather),
      work_(std::move(work)),
      backoff_(kFirstRetry, kLongestRetry),
      status_(absl::UnavailableError(ToAbsl(Concat(name_, " has not begun yet")))),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

BackgroundWorker::~BackgroundWorker() {
  thread_.request_stop();
  thread_.join();
}

void BackgroundWorker::Wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

absl::Status BackgroundWorker::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}

void BackgroundWorker::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    const absl::StatusOr<bool> more = work_();
    {
      const std::lock_guard lock(mutex_);
      status_ = more.status();
    }
    if (!more.ok()) {
      LogWarning("background work failed; it is tried again", {{"work", name_}, {"error", more.status()}});
      Sleep(stop, backoff_.Next(), /*wakeable=*/false);
      continue;
    }
    backoff_.Reset();
    if (!*more && Sleep(stop, interval_, /*wakeable=*/true) && gather_ > absl::ZeroDuration()) {
      Sleep(stop, gather_, /*wakeable=*/false);
    }
  }
}

bool BackgroundWorker::Sleep(const std::stop_token& stop, absl::Duration limit, bool wakeable) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, stop, absl::ToChronoMilliseconds(limit), [&] { return wakeable && woken_; });
  return std::exchange(woken_, false);
}

}  // namespace trunkline
