// Where the answers of other threads reach an event loop. It outlives the loop for as long as a Responder may send to
// it.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "libs/http/message.h"

namespace trunkline::http {

class Connection;

class Mailbox {
 public:
  explicit Mailbox(boost::asio::io_context& context) : context_(&context) {}

  // Called by the loop's thread, first thing.
  void BelongToThisThread() { owner_ = std::this_thread::get_id(); }
  // Any thread; on the loop's own the answer is taken at once. No response closes the connection. Does nothing once the
  // loop is closed.
  void Deliver(const std::weak_ptr<Connection>& connection, std::optional<Response> response);
  // What is delivered from now on is thrown away. The loop must not run any more.
  void Close();

 private:
  using Letter = std::pair<std::weak_ptr<Connection>, std::optional<Response>>;

  void HandOut();

  std::atomic<std::thread::id> owner_;
  std::mutex mutex_;
  boost::asio::io_context* context_;  // null once closed
  std::vector<Letter> letters_;
  std::vector<Letter> in_hand_;  // of HandOut(); keeps its memory
};

}  // namespace trunkline::http
