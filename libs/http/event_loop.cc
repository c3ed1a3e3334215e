#include "libs/http/event_loop.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>
#include <vector>

#include "absl/time/clock.h"

namespace trunkline::http {
namespace {

namespace asio = boost::asio;

// Connections beyond the limit that are still answered with 503; above that they are closed at once.
constexpr size_t kRefusalsAtOnce = 128;

std::chrono::steady_clock::duration SweepInterval(const ServerOptions& options) {
  const absl::Duration shortest = std::min(
      {options.read_timeout, options.idle_timeout, options.write_timeout, options.web_socket.idle_timeout / 2});
  return absl::ToChronoNanoseconds(std::clamp(shortest / 10, absl::Milliseconds(5), absl::Milliseconds(500)));
}

}  // namespace

EventLoop::EventLoop(const ServerOptions& options, const Handler& handler, ServerCounts& counts)
    : options_(options),
      handler_(handler),
      counts_(counts),
      context_(1),
      work_(asio::make_work_guard(context_)),
      mailbox_(std::make_shared<Mailbox>(context_)),
      sweep_timer_(context_),
      sweep_interval_(SweepInterval(options)) {}

EventLoop::~EventLoop() { Stop(); }

void EventLoop::Start() {
  ScheduleSweep();
  thread_ = std::thread([this] {
    mailbox_->BelongToThisThread();
    context_.run();
  });
}

void EventLoop::Adopt(asio::ip::tcp::socket socket) {
  asio::post(context_, [this, moved = std::move(socket)]() mutable { Take(std::move(moved)); });
}

void EventLoop::Take(asio::ip::tcp::socket socket) {
  if (draining_) return;
  const size_t before = counts_.connections.fetch_add(1);
  if (before >= options_.max_connections + kRefusalsAtOnce) {
    counts_.connections.fetch_sub(1);
    return;
  }
  const auto connection = std::make_shared<Connection>(std::move(socket), *this);
  connections_.insert(connection);
  if (before >= options_.max_connections) {
    connection->Refuse();
  } else {
    connection->Start();
  }
}

void EventLoop::Forget(const std::shared_ptr<Connection>& connection) {
  if (connections_.erase(connection) == 0) return;
  counts_.connections.fetch_sub(1);
  NoteGone();
}

bool EventLoop::TakeWebSocketPlace() {
  if (counts_.web_sockets.fetch_add(1) < options_.web_socket.most) return true;
  counts_.web_sockets.fetch_sub(1);
  return false;
}

void EventLoop::Replace(const std::shared_ptr<Connection>& connection, const std::shared_ptr<WebSocketSession>& session,
                        const std::string& key, const std::string& subprotocol) {
  web_sockets_.insert(session);
  counts_.connections.fetch_add(1);
  Forget(connection);
  session->Start(key, subprotocol);
}

void EventLoop::Forget(const std::shared_ptr<WebSocketSession>& session) {
  if (web_sockets_.erase(session) == 0) return;
  counts_.connections.fetch_sub(1);
  counts_.web_sockets.fetch_sub(1);
  NoteGone();
}

void EventLoop::NoteGone() {
  if (!draining_ || !connections_.empty() || !web_sockets_.empty()) return;
  const std::lock_guard lock(drained_mutex_);
  drained_ = true;
  drained_changed_.notify_all();
}

void EventLoop::StartDraining() {
  asio::post(context_, [this] {
    draining_ = true;
    const std::vector<std::shared_ptr<Connection>> connections(connections_.begin(), connections_.end());
    for (const auto& connection : connections) connection->CloseIfIdle();
    const std::vector<std::shared_ptr<WebSocketSession>> web_sockets(web_sockets_.begin(), web_sockets_.end());
    for (const auto& web_socket : web_sockets) web_socket->Close(kGoingAway, "SHUTTING_DOWN");
    NoteGone();
  });
}

bool EventLoop::WaitUntilDrained(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(drained_mutex_);
  return drained_changed_.wait_until(lock, deadline, [this] { return drained_; });
}

void EventLoop::Stop() {
  if (!thread_.joinable()) return;
  context_.stop();
  thread_.join();
  draining_ = true;
  stopping_ = true;
  const std::vector<std::shared_ptr<Connection>> connections(connections_.begin(), connections_.end());
  for (const auto& connection : connections) connection->Close();
  const std::vector<std::shared_ptr<WebSocketSession>> web_sockets(web_sockets_.begin(), web_sockets_.end());
  for (const auto& web_socket : web_sockets) web_socket->Abort();
  sweep_timer_.cancel();
  work_.reset();
  // The operations that were broken off end here, so that nothing in the context holds a connection any more.
  context_.restart();
  context_.poll();
  mailbox_->Close();
}

void EventLoop::ScheduleSweep() {
  sweep_timer_.expires_after(sweep_interval_);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopping_) return;
    Sweep();
    ScheduleSweep();
  });
}

void EventLoop::Sweep() {
  const auto now = std::chrono::steady_clock::now();
  const std::vector<std::shared_ptr<Connection>> connections(connections_.begin(), connections_.end());
  for (const auto& connection : connections) connection->CheckDeadline(now);
  const std::vector<std::shared_ptr<WebSocketSession>> web_sockets(web_sockets_.begin(), web_sockets_.end());
  for (const auto& web_socket : web_sockets) web_socket->CheckDeadline(now);
}

std::string_view EventLoop::HttpDate() {
  const absl::Time now = absl::Now();
  const int64_t second = absl::ToUnixSeconds(now);
  if (second != date_second_) {
    date_second_ = second;
    date_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
  }
  return date_;
}

}  // namespace trunkline::http
