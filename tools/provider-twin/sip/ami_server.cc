#include "tools/provider-twin/sip/ami_server.h"

#include <array>
#include <boost/asio.hpp>
#include <boost/asio/ssl.hpp>
#include <deque>
#include <thread>
#include <utility>
#include <vector>

#include "libs/base/text.h"

namespace trunkline::twin::sip {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class Abortable {
 public:
  virtual ~Abortable() = default;
  virtual void Abort() = 0;
};

// Sessions and planned tasks may hold a connection longer than the server lives; so it holds what its socket needs.
using Io = std::shared_ptr<asio::io_context>;

// A connection over either kind of stream. All but the Peer's methods runs on the server's thread.
template <typename Stream>
class Connection final : public Peer, public Abortable, public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Scheduler& scheduler, std::shared_ptr<PeerEvents> events, Io io, Stream stream)
      : scheduler_(scheduler), events_(std::move(events)), io_(std::move(io)), stream_(std::move(stream)) {}

  void Abort() override { Shut(); }

  void Begin() {
    auto self = this->shared_from_this();
    scheduler_.Soon([self] { self->events_->opened(self); });
    Read();
  }

  void Send(std::string bytes) override {
    auto self = this->shared_from_this();
    asio::post(stream_.get_executor(), [self, sent = std::move(bytes)]() mutable {
      if (self->closing_) return;
      self->waiting_.push_back(std::move(sent));
      if (self->waiting_.size() == 1) self->Write();
    });
  }

  void Close() override {
    auto self = this->shared_from_this();
    asio::post(stream_.get_executor(), [self] {
      self->closing_ = true;
      if (self->waiting_.empty()) self->Shut();
    });
  }

  Stream& stream() { return stream_; }

 private:
  void Read() {
    auto self = this->shared_from_this();
    stream_.async_read_some(asio::buffer(buffer_), [self](const boost::system::error_code& error, size_t count) {
      if (error) {
        self->scheduler_.Soon([self] { self->events_->closed(self); });
        return;
      }
      std::string bytes(self->buffer_.data(), count);
      self->scheduler_.Soon([self, bytes = std::move(bytes)] { self->events_->received(self, bytes); });
      self->Read();
    });
  }

  void Write() {
    auto self = this->shared_from_this();
    asio::async_write(stream_, asio::buffer(waiting_.front()), [self](const boost::system::error_code& error, size_t) {
      self->waiting_.pop_front();
      if (error) self->waiting_.clear();
      if (!self->waiting_.empty()) {
        self->Write();
      } else if (self->closing_) {
        self->Shut();
      }
    });
  }

  void Shut() {
    boost::system::error_code ignored;
    stream_.lowest_layer().shutdown(tcp::socket::shutdown_both, ignored);
    stream_.lowest_layer().close(ignored);
  }

  Scheduler& scheduler_;
  std::shared_ptr<PeerEvents> events_;
  Io io_;
  Stream stream_;
  std::array<char, 8192> buffer_{};
  std::deque<std::string> waiting_;
  bool closing_ = false;
};

using TlsSocket = asio::ssl::stream<tcp::socket>;

class Server final : public AmiServer {
 public:
  Server(Scheduler& scheduler, PeerEvents events)
      : scheduler_(scheduler), events_(std::make_shared<PeerEvents>(std::move(events))) {}

  // Ends everything and lets the thread run out of work, so that no operation is left that holds its connection.
  ~Server() override {
    asio::post(*io_, [this] {
      boost::system::error_code ignored;
      if (plain_acceptor_ != nullptr) plain_acceptor_->close(ignored);
      if (tls_acceptor_ != nullptr) tls_acceptor_->close(ignored);
      for (const auto& connection : connections_) {
        if (const auto open = connection.lock(); open != nullptr) open->Abort();
      }
    });
    if (thread_.joinable()) thread_.join();
  }

  // Throws what Boost throws.
  void Listen(const std::string& address, uint16_t port, uint16_t tls_port, const Certificate& certificate) {
    tls_.use_certificate_chain(asio::buffer(certificate.certificate_pem));
    tls_.use_private_key(asio::buffer(certificate.key_pem), asio::ssl::context::pem);
    plain_acceptor_ = std::make_unique<tcp::acceptor>(*io_, tcp::endpoint(asio::ip::make_address(address), port));
    tls_acceptor_ = std::make_unique<tcp::acceptor>(*io_, tcp::endpoint(asio::ip::make_address(address), tls_port));
    AcceptPlain();
    AcceptTls();
    thread_ = std::thread([this] { io_->run(); });
  }

  uint16_t port() const override { return plain_acceptor_->local_endpoint().port(); }
  uint16_t tls_port() const override { return tls_acceptor_->local_endpoint().port(); }

 private:
  template <typename Stream>
  std::shared_ptr<Connection<Stream>> Keep(Stream stream) {
    auto connection = std::make_shared<Connection<Stream>>(scheduler_, events_, io_, std::move(stream));
    std::erase_if(connections_, [](const auto& known) { return known.expired(); });
    connections_.push_back(connection);
    return connection;
  }

  void AcceptPlain() {
    plain_acceptor_->async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (!plain_acceptor_->is_open()) return;
      if (!error) Keep(std::move(socket))->Begin();
      AcceptPlain();
    });
  }

  void AcceptTls() {
    tls_acceptor_->async_accept([this](const boost::system::error_code& error, tcp::socket socket) {
      if (!tls_acceptor_->is_open()) return;
      if (!error) {
        auto connection = Keep(TlsSocket(std::move(socket), tls_));
        connection->stream().async_handshake(asio::ssl::stream_base::server,
                                             [connection](const boost::system::error_code& failed) {
                                               if (!failed) connection->Begin();
                                             });
      }
      AcceptTls();
    });
  }

  Scheduler& scheduler_;
  std::shared_ptr<PeerEvents> events_;
  Io io_ = std::make_shared<asio::io_context>();
  asio::ssl::context tls_{asio::ssl::context::tls_server};
  std::unique_ptr<tcp::acceptor> plain_acceptor_;
  std::unique_ptr<tcp::acceptor> tls_acceptor_;
  std::vector<std::weak_ptr<Abortable>> connections_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<AmiServer>> AmiServer::Start(Scheduler& scheduler, const std::string& address,
                                                            uint16_t port, uint16_t tls_port,
                                                            const Certificate& certificate, PeerEvents events) {
  auto server = std::make_unique<Server>(scheduler, std::move(events));
  try {
    server->Listen(address, port, tls_port, certificate);
  } catch (const std::exception& error) {
    return absl::UnavailableError(ToAbsl(Concat("the manager interface cannot listen: ", error.what())));
  }
  return server;
}

}  // namespace trunkline::twin::sip
