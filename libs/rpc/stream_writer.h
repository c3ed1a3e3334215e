// A server stream whose messages come from elsewhere: what is offered waits in a bounded queue, is written one after
// the other, and never blocks the one who offers. It owns itself: it lives until gRPC is done with the call.
//
//   auto stream = StreamWriter<Response>::Make({.most_waiting = 100, .on_full = StreamFull::kEnd}, on_done);
//   stream->Offer(first);
//   source.Register(stream);    // others may Offer() from here on, behind the first
//   stream->Open();             // writing begins
#pragma once

#include <grpcpp/support/server_callback.h>

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "libs/base/status.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::rpc {

// What a full queue means.
enum class StreamFull {
  kEnd,         // the client is too slow: the stream ends with WATCHER_TOO_SLOW
  kKeepLatest,  // each message stands for all before it: the newest takes the place of the one that waits
};

struct StreamOptions {
  size_t most_waiting = 1;
  StreamFull on_full = StreamFull::kEnd;
};

template <typename Response>
class StreamWriter final : public grpc::ServerWriteReactor<Response>,
                           public std::enable_shared_from_this<StreamWriter<Response>> {
 public:
  using Message = std::shared_ptr<const Response>;

  // `on_done` is called once, after the end, when nobody writes any more.
  static std::shared_ptr<StreamWriter> Make(StreamOptions options,
                                            std::function<void(StreamWriter*, const absl::Status&)> on_done) {
    std::shared_ptr<StreamWriter> stream(new StreamWriter(options, std::move(on_done)));
    stream->self_ = stream;
    return stream;
  }

  // Any thread. Does nothing after the end.
  void Offer(Message message) {
    const auto keep = this->shared_from_this();
    absl::Status full;
    {
      const std::lock_guard lock(mutex_);
      if (ending_.has_value()) return;
      if (waiting_.size() < options_.most_waiting) {
        waiting_.push_back(std::move(message));
      } else if (options_.on_full == StreamFull::kKeepLatest) {
        waiting_.back() = std::move(message);
      } else {
        full = Error(absl::StatusCode::kResourceExhausted, Reason::REASON_WATCHER_TOO_SLOW,
                     "the client did not read fast enough; watch again and read what was missed");
      }
    }
    if (!full.ok()) return End(std::move(full));
    Go();
  }

  // Writing may begin.
  void Open() {
    {
      const std::lock_guard lock(mutex_);
      open_ = true;
    }
    Go();
  }

  // Any thread. What waits is dropped; the first end counts.
  void End(absl::Status status) {
    {
      const std::lock_guard lock(mutex_);
      if (ending_.has_value()) return;
      ending_ = std::move(status);
      waiting_.clear();
    }
    Go();
  }

  bool HasEnded() const {
    const std::lock_guard lock(mutex_);
    return ending_.has_value();
  }

  void OnWriteDone(bool ok) override {
    {
      const std::lock_guard lock(mutex_);
      writing_.reset();
    }
    if (!ok) End(absl::CancelledError("the client is gone"));
    Go();
  }
  void OnCancel() override { End(absl::CancelledError("the client is gone")); }
  void OnDone() override {
    const auto keep = std::move(self_);
    if (on_done_) on_done_(this, *ending_);
  }

 private:
  StreamWriter(StreamOptions options, std::function<void(StreamWriter*, const absl::Status&)> on_done)
      : options_(options), on_done_(std::move(on_done)) {}

  // Does what is next: one write at a time, and the end when none is under way. gRPC is called without the lock, since
  // it may call back before it returns.
  void Go() {
    const auto keep = this->shared_from_this();
    const Response* next = nullptr;
    std::optional<absl::Status> end;
    {
      const std::lock_guard lock(mutex_);
      if (writing_ != nullptr || finished_) return;
      if (ending_.has_value()) {
        finished_ = true;
        end = ending_;
      } else if (open_ && !waiting_.empty()) {
        writing_ = std::move(waiting_.front());
        waiting_.pop_front();
        next = writing_.get();
      }
    }
    if (end.has_value()) {
      this->Finish(rpc::ToGrpc(*end));
    } else if (next != nullptr) {
      this->StartWrite(next);
    }
  }

  const StreamOptions options_;
  const std::function<void(StreamWriter*, const absl::Status&)> on_done_;
  std::shared_ptr<StreamWriter> self_;
  mutable std::mutex mutex_;
  std::deque<Message> waiting_;
  Message writing_;
  std::optional<absl::Status> ending_;
  bool open_ = false;
  bool finished_ = false;
};

}  // namespace trunkline::rpc
