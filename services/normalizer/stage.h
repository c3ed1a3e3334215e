// A step of a pipeline: a thread that works on one job after the other, in the order in which they were put, while one
// more may wait. Whoever puts a job waits until there is room, so that no step runs away from a slower one.
//
//   Stage<Batch> publishing([&](Batch batch) { return Publish(batch); });
//   Stage<Batch> storing([&](Batch batch) -> absl::Status {
//     TL_RETURN_IF_ERROR(Store(batch));
//     return publishing.Put(std::move(batch));
//   });
//
// A job that fails ends the stage: what waits is thrown away, and every later call tells the error.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "absl/status/status.h"

namespace trunkline::normalizer {

template <typename Job>
class Stage {
 public:
  explicit Stage(std::function<absl::Status(Job)> work)
      : work_(std::move(work)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}
  ~Stage() { Stop(); }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  // Waits for room. The error of the stage when it has failed, CANCELLED when it was stopped.
  absl::Status Put(Job job) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !waiting_.has_value() || !status_.ok(); });
    if (!status_.ok()) return status_;
    waiting_ = std::move(job);
    changed_.notify_all();
    return absl::OkStatus();
  }

  // Waits until every job that was put is done, or the stage has failed or was stopped.
  absl::Status Drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return (!waiting_.has_value() && !working_) || !status_.ok(); });
    return status_;
  }

  // OK while the stage works.
  absl::Status status() const {
    const std::lock_guard lock(mutex_);
    return status_;
  }

  // Finishes the job in hand, and throws away the one that waits.
  void Stop() {
    End(absl::CancelledError("the stage was stopped"));
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return waiting_.has_value(); })) {
      Job job = *std::exchange(waiting_, std::nullopt);
      working_ = true;
      changed_.notify_all();
      lock.unlock();
      const absl::Status status = work_(std::move(job));
      if (!status.ok()) End(status);
      lock.lock();
      working_ = false;
      changed_.notify_all();
    }
  }

  // The first error stays.
  void End(const absl::Status& status) {
    const std::lock_guard lock(mutex_);
    if (status_.ok()) status_ = status;
    waiting_.reset();
    changed_.notify_all();
  }

  const std::function<absl::Status(Job)> work_;
  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Job> waiting_;
  bool working_ = false;
  absl::Status status_;
  std::jthread thread_;
};

}  // namespace trunkline::normalizer
