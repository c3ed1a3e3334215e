// The frames of a WebSocket (RFC 6455, 5): those of a client, read, and those of a server, written. Without I/O.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace trunkline::http {

// What a client sent.
struct ClientFrame {
  enum class Kind {
    kNone,   // more bytes are needed, or nothing comes any more
    kText,   // a whole message
    kPing,   // to be answered with its payload
    kPong,   //
    kClose,  // `code` is the client's, 1005 when it gave none; nothing comes after it
    kFault,  // the protocol was broken: to be closed with `code`; nothing comes after it
  };
  Kind kind = Kind::kNone;
  std::string payload = {};
  uint16_t code = 0;
};

// Reads a client's frames out of its bytes, and puts messages together. What it keeps is bounded by the largest message
// and what is added at a time.
//
//   reader.Add(bytes);
//   for (ClientFrame frame = reader.Next(); frame.kind != ClientFrame::Kind::kNone; frame = reader.Next()) ...
class FrameReader {
 public:
  explicit FrameReader(size_t max_message_bytes) : max_message_bytes_(max_message_bytes) {}

  void Add(std::string_view bytes);
  ClientFrame Next();

 private:
  struct Head;

  ClientFrame Fault(uint16_t code);
  ClientFrame ReadControl(int kind, std::string payload);
  ClientFrame ReadClose(std::string_view payload);

  const size_t max_message_bytes_;
  std::string unread_;
  std::string message_;  // the pieces so far of one that is not whole
  bool in_message_ = false;
  bool ended_ = false;
};

// What stands before a text message of so many bytes.
std::string TextHead(size_t bytes);
// Whole control frames, whose payloads have at most 125 bytes.
std::string PingFrame();
std::string PongFrame(std::string_view payload);
std::string CloseFrame(uint16_t code, std::string_view reason);

// The answer to a handshake with this Sec-WebSocket-Key.
std::string HandshakeAnswer(std::string_view key, std::string_view subprotocol);

}  // namespace trunkline::http
