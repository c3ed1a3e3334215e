// WatchUsage: the streams, and what they are told after changes.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "libs/base/background_worker.h"
#include "libs/rpc/stream_writer.h"
#include "services/concurrency-governor/admission/decision_loop.h"
#include "trunkline/governor/v1/governor_service.pb.h"

namespace trunkline::governor {

class UsageFeed {
 public:
  using Stream = rpc::StreamWriter<v1::WatchUsageResponse>;

  // The loop outlives the feed, and the feed its streams.
  explicit UsageFeed(DecisionLoop& loop);

  // A stream that is told at once, and after changes, until this replica does not lead any more. Does not block.
  Stream* Watch(const v1::WatchUsageRequest& request);
  // Ends a stream that must not begin.
  static Stream* Refuse(const absl::Status& status);
  // Ends all streams, and those to come.
  void Close();

 private:
  struct Watcher {
    std::shared_ptr<Stream> stream;
    v1::WatchUsageRequest request;
    bool told = false;
  };

  absl::StatusOr<bool> Tell();

  DecisionLoop& loop_;
  std::mutex mutex_;
  std::vector<Watcher> watchers_;
  bool closed_ = false;
  uint64_t told_changes_ = 0;
  BackgroundWorker teller_;
};

}  // namespace trunkline::governor
