// Where the answers of other threads reach an event loop. It outlives the loop for as long as a Responder may send to
// it.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "libs/http/answer.h"

namespace trunkline::http {

class Connection;
class WebSocketSession;

class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& context) : context_(&context) {}

  // Called by the loop's thread, first thing.
  void BelongToThisThread() { owner_ = std::this_thread::get_id(); }
  // Any thread; on the loop's own the answer is taken at once. Does nothing once the loop is closed, but to tell a
  // WebSocket or a body that nothing comes of it.
  void Deliver(const std::weak_ptr<Connection>& connection, Answer answer);
  // Any thread: the session looks at its WebSocket.
  void Wake(const std::weak_ptr<WebSocketSession>& session);
  // What is delivered from now on is thrown away. The loop must not run any more.
  void Close();

 private:
  using Letter = std::pair<std::weak_ptr<Connection>, Answer>;

  static void HandOver(Letter letter);
  static void Drop(const Answer& answer);
  void HandOut();

  std::atomic<std::thread::id> owner_;
  std::mutex mutex_;
  boost::asio::io_context* context_;  // null once closed
  std::vector<Letter> letters_;
  std::vector<std::weak_ptr<WebSocketSession>> woken_;
  std::vector<Letter> in_hand_;  // of HandOut(), as the next; they keep their memory
  std::vector<std::weak_ptr<WebSocketSession>> woken_in_hand_;
};

}  // namespace trunkline::http
