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
  const absl::Duration shortest = std::min({options.read_timeout, options.idle_timeout, options.write_timeout});
  return absl::ToChronoNanoseconds(std::clamp(shortest / 10, absl::Milliseconds(5), absl::Milliseconds(500)));
}

}  // namespace

EventLoop::EventLoop(const ServerOptions& options, const Handler& handler, std::atomic<size_t>& connection_count)
    : options_(options),
      handler_(handler),
      connection_count_(connection_count),
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
  const size_t before = connection_count_.fetch_add(1);
  if (before >= options_.max_connections + kRefusalsAtOnce) {
    connection_count_.fetch_sub(1);
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
  connection_count_.fetch_sub(1);
  if (!draining_ || !connections_.empty()) return;
  const std::lock_guard lock(drained_mutex_);
  drained_ = true;
  drained_changed_.notify_all();
}

void EventLoop::StartDraining() {
  asio::post(context_, [this] {
    draining_ = true;
    const std::vector<std::shared_ptr<Connection>> connections(connections_.begin(), connections_.end());
    for (const auto& connection : connections) connection->CloseIfIdle();
    if (!connections_.empty()) return;
    const std::lock_guard lock(drained_mutex_);
    drained_ = true;
    drained_changed_.notify_all();
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
