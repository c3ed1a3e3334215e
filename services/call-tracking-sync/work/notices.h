// Tells when a channel of PostgreSQL's NOTIFY was spoken on. A notice may be lost with its connection: whoever waits
// looks by himself now and then.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/base/background_worker.h"
#include "libs/postgres/connection.h"

namespace trunkline::tracking_sync {

// What is spoken on this channel when something was asked of an account or done for one, and when a number changed.
inline constexpr char kWorkChannel[] = "tracking_work";
inline constexpr char kNumbersChannel[] = "tracking_numbers";

class Notices {
 public:
  // `on_notice` is called on a thread of the object's own: after each notice, and when it begins to listen (again).
  Notices(std::string database_url, std::string channel, std::function<void()> on_notice);

  // How many there were; for WaitPast().
  uint64_t count() const;
  // Waits until there were more than `count`, or `limit` is over.
  void WaitPast(uint64_t count, absl::Duration limit);
  // OK while it listens.
  absl::Status status() const { return follower_.status(); }

 private:
  absl::StatusOr<bool> Follow();
  void Tell();

  const std::string database_url_;
  const std::string channel_;
  const std::function<void()> on_notice_;
  std::unique_ptr<postgres::Connection> listener_;
  mutable std::mutex mutex_;
  std::condition_variable told_;
  uint64_t count_ = 0;
  BackgroundWorker follower_;
};

}  // namespace trunkline::tracking_sync
