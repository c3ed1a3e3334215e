// A connection to Redis that sends commands as a pipeline. Blocks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace trunkline::bench {

class RedisConnection {
 public:
  // `address` is a loopback host:port. UNAVAILABLE when nobody listens there.
  static absl::StatusOr<std::unique_ptr<RedisConnection>> Open(const std::string& address);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  void Add(const std::vector<std::string>& command);
  // Sends what was added and returns the answers, which are texts or numbers, in order. INTERNAL with the first error
  // that Redis tells, UNAVAILABLE when the connection is lost.
  absl::StatusOr<std::vector<std::string>> Ask();

 private:
  explicit RedisConnection(int socket) : socket_(socket) {}
  absl::Status SendAll();
  // Up to the next end of a line.
  absl::StatusOr<std::string> ReadLine();
  absl::Status ReadMore();
  absl::StatusOr<std::string> ReadAnswer();

  const int socket_;
  std::string unsent_;
  size_t commands_ = 0;
  std::string read_;
  size_t parsed_ = 0;
};

}  // namespace trunkline::bench
