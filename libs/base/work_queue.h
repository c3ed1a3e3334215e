// Threads for work that may block and must not be done where it comes up, in gRPC's own threads. They are started as
// they are needed.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace trunkline {

class WorkQueue {
 public:
  WorkQueue(int most_threads, size_t most_waiting);
  // Finishes the work under way; what waits is dropped.
  ~WorkQueue();

  // False, and nothing is done, when too much waits.
  bool Add(std::function<void()> work);

 private:
  void Run(const std::stop_token& stop);

  const size_t most_threads_;
  const size_t most_waiting_;
  std::mutex mutex_;
  std::condition_variable_any added_;
  std::deque<std::function<void()>> waiting_;
  size_t idle_ = 0;  // threads without work
  std::vector<std::jthread> threads_;
};

}  // namespace trunkline
