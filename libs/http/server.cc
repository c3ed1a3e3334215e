#include "libs/http/server.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <future>
#include <utility>
#include <vector>

#include "libs/base/log.h"
#include "libs/base/text.h"
#include "libs/http/event_loop.h"

namespace trunkline::http {
namespace {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;

// How long to wait when no connection can be accepted, which is so when file descriptors have run out.
constexpr std::chrono::milliseconds kAcceptPause(100);

absl::Status CannotListen(const ServerOptions& options, std::string_view cause) {
  return absl::UnavailableError(Concat("cannot listen on ", options.address, " port ", options.port, ": ", cause));
}

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Handler handler) : options_(std::move(options)), handler_(std::move(handler)) {
    const int count = std::max(options_.threads, 1);
    for (int i = 0; i < count; ++i) {
      loops_.push_back(std::make_unique<EventLoop>(options_, handler_, counts_));
    }
    acceptor_.emplace(loops_.front()->context());
    pause_.emplace(loops_.front()->context());
  }

  ~Impl() { Drain(absl::ZeroDuration()); }

  absl::Status Listen() {
    ErrorCode error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) return CannotListen(options_, "not an IP address");
    const asio::ip::tcp::endpoint endpoint(address, options_.port);
    static_cast<void>(acceptor_->open(endpoint.protocol(), error));
    if (!error) static_cast<void>(acceptor_->set_option(asio::socket_base::reuse_address(true), error));
    if (!error) static_cast<void>(acceptor_->bind(endpoint, error));
    if (!error) static_cast<void>(acceptor_->listen(asio::socket_base::max_listen_connections, error));
    if (!error) port_ = acceptor_->local_endpoint(error).port();
    if (error) return CannotListen(options_, error.message());
    return absl::OkStatus();
  }

  void Run() {
    Accept();
    for (const auto& loop : loops_) loop->Start();
    running_ = true;
  }

  uint16_t port() const { return port_; }

  void Drain(absl::Duration limit) {
    if (!running_) return;
    running_ = false;
    const auto deadline =
        std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(std::max(limit, absl::ZeroDuration()));
    // The acceptor goes first, so that a connection that is accepted already reaches its loop before the loop drains.
    std::promise<void> closed;
    asio::post(loops_.front()->context(), [this, &closed] {
      ErrorCode ignored;
      static_cast<void>(acceptor_->close(ignored));
      pause_->cancel();
      closed.set_value();
    });
    closed.get_future().wait();
    for (const auto& loop : loops_) loop->StartDraining();
    for (const auto& loop : loops_) loop->WaitUntilDrained(deadline);
    for (const auto& loop : loops_) loop->Stop();
  }

 private:
  // The loops take turns, so that each gets its share even of a few long-lived connections.
  void Accept() {
    EventLoop& loop = *loops_[next_loop_];
    next_loop_ = (next_loop_ + 1) % loops_.size();
    acceptor_->async_accept(loop.context(), [this, &loop](ErrorCode error, asio::ip::tcp::socket socket) {
      if (!acceptor_->is_open()) return;
      if (!error) {
        loop.Adopt(std::move(socket));
        Accept();
      } else if (error == asio::error::connection_aborted) {
        Accept();
      } else {
        LogWarning("cannot accept connections", {{"error", error.message()}});
        pause_->expires_after(kAcceptPause);
        pause_->async_wait([this](ErrorCode canceled) {
          if (!canceled && acceptor_->is_open()) Accept();
        });
      }
    });
  }

  const ServerOptions options_;
  const Handler handler_;
  ServerCounts counts_;
  std::vector<std::unique_ptr<EventLoop>> loops_;
  // On the first loop; destroyed before the loops.
  std::optional<asio::ip::tcp::acceptor> acceptor_;
  std::optional<asio::steady_timer> pause_;
  uint16_t port_ = 0;
  size_t next_loop_ = 0;
  bool running_ = false;
};

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  if (absl::Status status = impl->Listen(); !status.ok()) return status;
  impl->Run();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() = default;

uint16_t Server::port() const { return impl_->port(); }
void Server::Drain(absl::Duration limit) { impl_->Drain(limit); }

}  // namespace trunkline::http
