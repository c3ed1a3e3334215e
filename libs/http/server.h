// An HTTP/1.1 server. Handlers may answer later and from any thread, so that no thread waits while Kafka or another
// service does.
//
//   auto server = Server::Start({.port = 8080}, [](Request request, Responder respond) {
//     respond.Send({.status = 204});
//   });
//   ...
//   server->Drain(absl::Seconds(10));
//
// What is malformed or beyond a limit never reaches the handler: it is answered here, as a JSON error, and the
// connection is closed: 400 BAD_REQUEST, 408 REQUEST_TIMEOUT, 413 BODY_TOO_LARGE, 431 HEADER_TOO_LARGE, 503
// TOO_MANY_CONNECTIONS.
//
// A handler may let a request become a WebSocket: see web_socket.h.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/http/body_stream.h"
#include "libs/http/message.h"
#include "libs/http/web_socket.h"

namespace trunkline::http {

struct WebSocketLimits {
  size_t most = 10'000;                             // at the same time; they count as connections too
  size_t max_message_bytes = 64 * 1024;             // of the client's; larger ones close with kMessageTooBig
  absl::Duration idle_timeout = absl::Seconds(60);  // a client that is silent half as long is pinged, then given up
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;  // 0 picks a free one
  int threads = 1;    // event loops; each has connections of its own
  size_t max_header_bytes = 16 * 1024;
  size_t max_body_bytes = 1024 * 1024;
  size_t max_connections = 10'000;
  absl::Duration read_timeout = absl::Seconds(10);  // for one whole request, from its first byte
  absl::Duration idle_timeout = absl::Seconds(75);  // between two requests of a connection
  absl::Duration write_timeout = absl::Seconds(10);
  WebSocketLimits web_socket = {};
  // Called after each request that was answered, by the handler or by the server itself; for metrics. `took` counts
  // from the request's first byte. Must not block.
  std::function<void(int status, absl::Duration took)> on_answered = {};
};

// The right and the duty to answer one request, once. Movable; any thread. Destroyed without Send(), it answers 500.
class Responder {
 public:
  class Exchange;
  explicit Responder(std::shared_ptr<Exchange> exchange);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&& other) noexcept;
  ~Responder();

  void Send(Response response);
  // Sends the head now, and the body as it comes: of so many bytes, or of as many as come. `head` has no body.
  std::unique_ptr<BodyStream> Stream(Response head, std::optional<uint64_t> bytes);
  // Closes the connection without an answer: for simulators, whose clients must live with that.
  void Abort();
  // The connection becomes a WebSocket, whose events come from now on. A request with a HandshakeFault() is answered
  // with 400 instead, and one too many, or of a server that drains, with 503; then the WebSocket ends at once.
  void Upgrade(std::shared_ptr<WebSocket> socket, std::string_view subprotocol = "");

 private:
  std::shared_ptr<Exchange> exchange_;
};

// Runs on an event loop: must not block. What it throws becomes a 500.
using Handler = std::function<void(Request, Responder)>;

class Server {
 public:
  // UNAVAILABLE when the address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler handler);
  // Drains for no time at all.
  ~Server();

  uint16_t port() const;

  // Stops accepting, closes idle connections, answers the requests that are in flight with "Connection: close", and
  // returns when all of them are answered or `limit` is over. Responders that outlive it do nothing.
  void Drain(absl::Duration limit);

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace trunkline::http
