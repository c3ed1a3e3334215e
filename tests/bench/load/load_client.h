// Sends prepared HTTP requests over a fixed number of kept-alive connections and measures each answer.
//
// One thread, epoll, no work between two requests but the sending itself: the requests are ready in memory, so that the
// client takes as little as possible of the processors that it shares with what it measures.
#pragma once

#include <sys/epoll.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace trunkline::bench {

struct LoadOptions {
  uint16_t port = 0;  // on 127.0.0.1
  int connections = 0;
  std::chrono::nanoseconds duration{0};
  // Requests a second, evenly spaced; 0 sends the next request as soon as a connection has its answer. With a rate the
  // time of an answer counts from when the request was due, so that a target that falls behind cannot hide it.
  double rate = 0;
  // How long answers may still come when no more is sent.
  std::chrono::nanoseconds patience = std::chrono::seconds(20);
};

struct LoadResult {
  int64_t sent = 0;  // the first so many requests, in their order
  std::map<int, int64_t> statuses;
  std::vector<int64_t> refused;        // requests with an answer other than 2xx
  std::vector<int64_t> unanswered;     // requests whose connection ended, or whose answer did not come in time
  std::vector<uint32_t> microseconds;  // of each answer with 2xx
  double seconds = 0;                  // from the first request to the last answer
};

class LoadClient {
 public:
  // The requests outlive the client.
  LoadClient(LoadOptions options, const std::vector<std::string>& requests);
  ~LoadClient();
  LoadClient(const LoadClient&) = delete;
  LoadClient& operator=(const LoadClient&) = delete;

  // Throws std::system_error when there is nobody to connect to, std::runtime_error for what is no HTTP.
  LoadResult Run();

 private:
  using Clock = std::chrono::steady_clock;

  struct Connection {
    int socket = -1;
    int64_t request = -1;  // -1 when it waits for one
    size_t written = 0;
    Clock::time_point due;
    std::string received;
  };

  void Connect(size_t index);
  void SendDue();
  void Write(size_t index);
  void Read(size_t index);
  void TakeAnswers(size_t index);
  void Lose(size_t index);
  void WatchFor(size_t index, uint32_t events, int operation);
  Clock::time_point DueTime(int64_t request) const;

  const LoadOptions options_;
  const std::vector<std::string>& requests_;
  const int epoll_;
  std::vector<Connection> connections_;
  std::deque<size_t> idle_;
  Clock::time_point began_;
  Clock::time_point last_answer_;
  int64_t under_way_ = 0;
  LoadResult result_;
};

}  // namespace trunkline::bench
