// Plain sockets for tests, so that what goes over the wire is written out byte by byte. Reads give up after ten
// seconds, which only a failing test sees.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "libs/http/message.h"

namespace trunkline::http {

// One end of a TCP connection; blocks.
class TestSocket {
 public:
  // Takes the descriptor over.
  explicit TestSocket(int descriptor);
  // Connects to 127.0.0.1.
  static TestSocket Connect(uint16_t port);
  TestSocket(TestSocket&& other) noexcept;
  TestSocket& operator=(TestSocket&&) = delete;
  ~TestSocket();

  // False when the other end has gone.
  bool Send(std::string_view bytes);
  // Up to and with `mark`, or what came until the end.
  std::string ReadUntil(std::string_view mark);
  std::string ReadBytes(size_t count);
  std::string ReadToEnd();
  // A response with Content-Length; status 0 when the connection ended before it was whole.
  Response ReadResponse(bool has_body = true);
  // Only the status line and the headers.
  std::string ReadHead() { return ReadUntil("\r\n\r\n"); }
  // True when the other end closed the connection without sending more.
  bool AtEnd();
  void ShutdownSend();
  void Close();
  // The next Close() resets the connection.
  void ResetOnClose();

 private:
  bool Fill();

  int descriptor_;
  std::string buffer_;
};

// A server that accepts connections one after the other and plays `script` on each.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::function<void(TestSocket)> script);
  ~ScriptedServer();

  uint16_t port() const { return port_; }

 private:
  int listener_;
  uint16_t port_;
  std::thread thread_;
};

// A port on which nobody listens.
uint16_t UnusedPort();

}  // namespace trunkline::http
