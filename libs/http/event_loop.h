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
#include "libs/http/web_socket_session.h"

namespace trunkline::http {

// How long the end of a connection is left to its client. Without it, the reset that unread bytes cause could overtake
// the last answer or frame.
inline constexpr std::chrono::seconds kLingerTime(2);

// What there is in all loops.
struct ServerCounts {
  std::atomic<size_t> connections = 0;  // WebSockets too
  std::atomic<size_t> web_sockets = 0;
};

class EventLoop {
 public:
  // All of them outlive the loop.
  EventLoop(const ServerOptions& options, const Handler& handler, ServerCounts& counts);
  ~EventLoop();

  void Start();
  // Any thread: takes the connection over, or answers that there are too many.
  void Adopt(boost::asio::ip::tcp::socket socket);
  // Any thread: closes connections as they become idle, and asks the clients of WebSockets to leave.
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
  // False when there are too many already.
  bool TakeWebSocketPlace();
  // The connection has become a WebSocket, for which a place is taken.
  void Replace(const std::shared_ptr<Connection>& connection, const std::shared_ptr<WebSocketSession>& session,
               const std::string& key, const std::string& subprotocol);
  void Forget(const std::shared_ptr<WebSocketSession>& session);

 private:
  void Take(boost::asio::ip::tcp::socket socket);
  void ScheduleSweep();
  void Sweep();
  void NoteGone();

  const ServerOptions& options_;
  const Handler& handler_;
  ServerCounts& counts_;
  boost::asio::io_context context_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  std::shared_ptr<Mailbox> mailbox_;
  // One timer looks at all deadlines: cheaper than a timer per request.
  boost::asio::steady_timer sweep_timer_;
  std::chrono::steady_clock::duration sweep_interval_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  std::unordered_set<std::shared_ptr<WebSocketSession>> web_sockets_;
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
