// Where webhooks wait while Kafka is away: files in a directory of this instance's own.
//
// Many threads append; one thread of the spool writes them and makes them durable together. Files are read and removed
// from the oldest on. What a former process left behind is there again.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/webhook-ingest/spool_file.h"

namespace trunkline::webhook_ingest {

class Spool {
 public:
  using Stored = std::function<void(absl::Status)>;

  // UNAVAILABLE when the directory cannot be created or written.
  static absl::StatusOr<std::unique_ptr<Spool>> Open(const std::string& directory, int64_t max_bytes);
  // What was appended before is written and reported first.
  ~Spool();

  // Calls `stored` once, on the spool's thread: OK when the record is on the disk, RESOURCE_EXHAUSTED when the spool is
  // full, UNAVAILABLE when the disk fails.
  void Append(std::string record, Stored stored);

  // The oldest file with its records; nothing when the spool is empty. A file that is still written to is closed first.
  struct Batch {
    std::string path;
    std::vector<std::string> records;
  };
  absl::StatusOr<std::optional<Batch>> ReadOldest();
  absl::Status Remove(const Batch& batch);

  int64_t bytes() const { return bytes_; }
  bool empty() const { return bytes_ == 0; }

 private:
  struct Waiting {
    std::string record;
    Stored stored;
  };

  Spool(std::string directory, int64_t max_bytes);
  void Run(const std::stop_token& stop);
  absl::Status Write(std::deque<Waiting>& batch);
  absl::Status OpenFile();

  const std::string directory_;
  const int64_t max_bytes_;
  std::atomic<int64_t> bytes_ = 0;

  std::mutex queue_mutex_;
  std::condition_variable_any appended_;
  std::deque<Waiting> queue_;

  std::mutex files_mutex_;
  std::optional<SpoolFile> current_;                   // being written; its path is the last of paths_
  std::deque<std::pair<std::string, int64_t>> paths_;  // oldest first, with their sizes
  uint64_t next_number_ = 1;

  std::jthread writer_;
};

}  // namespace trunkline::webhook_ingest
