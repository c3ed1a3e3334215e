// Tells what has been decided, in order and on a thread of its own, while the next is decided and committed: an answer
// over gRPC costs more than its decision.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace trunkline::governor {

class TellingThread {
 public:
  TellingThread();
  // When all is told.
  ~TellingThread();
  TellingThread(const TellingThread&) = delete;
  TellingThread& operator=(const TellingThread&) = delete;

  // From any thread; never waits.
  void Tell(std::function<void()> news);
  // Waits until everything that was handed in before is told.
  void Finish();

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> untold_;
  bool telling_ = false;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace trunkline::governor
