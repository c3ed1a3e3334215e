// One thread of the server with the connections that it serves. Nothing in it is shared with the other loops, so that a
// request is handled without a lock.
#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include "libs/http/connection.h"
#include "libs/http/mailbox.h"
#include "libs/http/server.h"

namespace trunkline::http {

class EventLoop {
 public:
  // `options`, `handler` and `connection_count` (of all loops) outlive the loop.
  EventLoop(const ServerOptions& options, const Handler& handler, std::atomic<size_t>& connection_count);
  ~EventLoop();

  void Start();
  // Any thread: takes the connection over, or answers that there are too many.
  void Adopt(boost::asio::ip::tcp::socket socket);
  // Any thread: closes connections as they become idle.
  void StartDraining();
  // True when every connection is gone; false when that is not so at `deadline`.
  bool WaitUntilDrained(std::chrono::steady_clock::time_point deadline);
  // Closes what is left and ends the thread. Not on the loop's thread.
  void Stop();

  boost::asio::io_context& context() { return context_; }

  // For the connections, on the loop's thread.
  const ServerOptions& options() const { return options_; }
  const Handler& handler() const { return handler_; }
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }
  bool draining() const { return draining_; }
  std::string_view HttpDate();
  void Forget(const std::shared_ptr<Connection>& connection);

 private:
  void Take(boost::asio::ip::tcp::socket socket);
  void ScheduleSweep();
  void Sweep();

  const ServerOptions& options_;
  const Handler& handler_;
  std::atomic<size_t>& connection_count_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::shared_ptr<Mailbox> mailbox_;
  // One timer looks at all deadlines: cheaper than a timer per request.
  boost::asio::steady_timer sweep_timer_;
  std::chrono::steady_clock::duration sweep_interval_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  bool draining_ = false;
  bool stopping_ = false;
  int64_t date_second_ = 0;
  std::string date_;

  std::mutex drained_mutex_;
  std::condition_variable drained_changed_;
  bool drained_ = false;

  std::thread thread_;
};

}  // namespace trunkline::http
