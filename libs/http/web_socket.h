// The server's end of a WebSocket (RFC 6455): text messages, both ways, until one side closes.
//
//   auto socket = std::make_shared<WebSocket>(WebSocketOptions{}, WebSocketEvents{.on_text = ..., .on_closed = ...});
//   socket->Send(std::make_shared<const std::string>(R"({"type":"started"})"));
//   respond.Upgrade(socket, "trunkline.v1");   // instead of respond.Send(); what was sent before goes out first
//
// The server itself answers pings, asks silent clients whether they are there, and closes what breaks the protocol.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/http/message.h"

namespace trunkline::http {

class Mailbox;
class WebSocketSession;

// Codes of a close (RFC 6455, 7.4). Those from 4000 to 4999 mean what an application says.
enum WebSocketClose : uint16_t {
  kNormalClose = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kConnectionLost = 1006,  // never sent: the connection ended without a close
  kInvalidText = 1007,
  kMessageTooBig = 1009,
  kServerFault = 1011,
  kTryAgainLater = 1013,
};

struct WebSocketOptions {
  size_t most_waiting = 1'000;  // messages to a client that does not keep up; one more closes it with kTryAgainLater
  std::string too_slow = "the client does not read fast enough";  // the reason that it is given then
};

struct WebSocketEvents {
  // A message of the client. On an event loop: must not block.
  std::function<void(std::string text)> on_text = {};
  // Once for every Upgrade(), also when nothing came of it; with the code of whoever closed first. Must not block.
  std::function<void(uint16_t code)> on_closed = {};
};

// Thread-safe; nothing of it blocks.
class WebSocket {
 public:
  WebSocket(WebSocketOptions options, WebSocketEvents events);

  // Does nothing once it is closed. UTF-8.
  void Send(std::shared_ptr<const std::string> text);
  // Closes it with a reason of at most 123 bytes. What waits is dropped; the first close counts.
  void Close(uint16_t code, std::string_view reason);

 private:
  friend class WebSocketSession;
  friend class Connection;
  friend class Mailbox;

  struct Closing {
    uint16_t code = kNormalClose;
    std::string reason;
  };

  // For the session, on its loop.
  void Attach(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<WebSocketSession> session);
  std::shared_ptr<const std::string> TakeNext();
  std::optional<Closing> closing() const;
  void NoteText(std::string text);
  void NoteClosed(uint16_t code);

  void Wake();

  const WebSocketOptions options_;
  WebSocketEvents events_;
  mutable std::mutex mutex_;
  std::deque<std::shared_ptr<const std::string>> waiting_;
  std::optional<Closing> closing_;
  std::shared_ptr<Mailbox> mailbox_;
  std::weak_ptr<WebSocketSession> session_;
};

// True when the request asks for a WebSocket, well or badly.
bool AsksForWebSocket(const Request& request);

// What is wrong with a request for a WebSocket: 400 BAD_HANDSHAKE, or 426 UPGRADE_REQUIRED with the version that is
// spoken here; nothing when it can be upgraded.
std::optional<Response> HandshakeFault(const Request& request);

// The subprotocols that a client offers, in its order.
std::vector<std::string> OfferedSubprotocols(const Request& request);

}  // namespace trunkline::http
