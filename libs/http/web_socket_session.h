// A connection that has become a WebSocket, on one event loop: writes what waits in its WebSocket, one message after
// the other, and reads what the client sends. Everything runs on the loop's thread.
#pragma once

#include <array>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/http/web_socket.h"
#include "libs/http/web_socket_frames.h"

namespace trunkline::http {

class EventLoop;

class WebSocketSession final : public std::enable_shared_from_this<WebSocketSession> {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  WebSocketSession(boost::asio::ip::tcp::socket connected, EventLoop& loop, std::shared_ptr<WebSocket> socket);

  // Answers the handshake of a request without fault, whose Sec-WebSocket-Key this is, and goes on from there.
  void Start(std::string_view key, std::string_view subprotocol);
  // Something waits in the WebSocket, or it is to be closed.
  void OnWake();
  // Asks the client to leave.
  void Close(uint16_t code, std::string_view reason);
  void CheckDeadline(TimePoint now);
  // Ends the connection at once.
  void Abort();

 private:
  void Write();
  std::string NextControlFrame();
  void OnWritten();
  void Read();
  void OnRead(std::string_view bytes);
  void OnFrame(ClientFrame frame);
  void Linger();
  void Tell(uint16_t code);
  void End();

  boost::asio::ip::tcp::socket connection_;
  EventLoop& loop_;
  const std::shared_ptr<WebSocket> socket_;
  FrameReader reader_;
  std::array<char, 1024> received_ = {};

  // What is being written: a frame, or the head of one and its text.
  std::string head_;
  std::shared_ptr<const std::string> text_;
  bool write_pending_ = false;

  std::string answer_;  // to the handshake, until it is written
  std::optional<std::string> pong_;
  bool ping_due_ = false;
  bool ping_sent_ = false;
  TimePoint last_heard_;
  std::optional<TimePoint> deadline_;  // of the close

  bool close_sent_ = false;
  bool close_heard_ = false;  // or no longer waited for
  bool lingering_ = false;    // the client has been told everything; what it still sends is thrown away
  bool told_ = false;
  bool ended_ = false;
};

}  // namespace trunkline::http
