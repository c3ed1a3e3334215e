#include "libs/http/test_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::http {
namespace {

constexpr int kGiveUpSeconds = 10;

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

uint16_t PortOf(int descriptor) {
  sockaddr_in address = {};
  socklen_t size = sizeof address;
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// The machine has sockets to spare, else the tests cannot go on.
int NewSocket() {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
  if (descriptor < 0) std::abort();
  return descriptor;
}

int Bound() {
  const int descriptor = NewSocket();
  const sockaddr_in address = Loopback(0);
  static_cast<void>(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address));
  return descriptor;
}

}  // namespace

TestSocket::TestSocket(int descriptor) : descriptor_(descriptor) {
  const timeval limit = {.tv_sec = kGiveUpSeconds, .tv_usec = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

TestSocket TestSocket::Connect(uint16_t port) {
  TestSocket socket(NewSocket());
  const sockaddr_in address = Loopback(port);
  if (::connect(socket.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) socket.Close();
  return socket;
}

TestSocket::TestSocket(TestSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), buffer_(std::move(other.buffer_)) {}

TestSocket::~TestSocket() { Close(); }

bool TestSocket::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool TestSocket::Fill() {
  std::array<char, 65536> piece;
  const ssize_t received = ::recv(descriptor_, piece.data(), piece.size(), 0);
  if (received <= 0) return false;
  buffer_.append(piece.data(), static_cast<size_t>(received));
  return true;
}

std::string TestSocket::ReadUntil(std::string_view mark) {
  while (buffer_.find(mark) == std::string::npos) {
    if (!Fill()) return std::exchange(buffer_, {});
  }
  return ReadBytes(buffer_.find(mark) + mark.size());
}

std::string TestSocket::ReadBytes(size_t count) {
  while (buffer_.size() < count) {
    if (!Fill()) break;
  }
  std::string bytes = buffer_.substr(0, count);
  buffer_.erase(0, count);
  return bytes;
}

std::string TestSocket::ReadToEnd() {
  while (Fill()) {
  }
  return std::exchange(buffer_, {});
}

Response TestSocket::ReadResponse(bool has_body) {
  const std::string head = ReadHead();
  if (!head.ends_with("\r\n\r\n")) return {.status = 0, .headers = {}, .body = head};
  Response response;
  const auto lines = Split(head, '\n');
  response.status = static_cast<int>(ParseInt(lines[0].substr(9, 3)).value_or(0));
  for (size_t i = 1; i < lines.size(); ++i) {
    const size_t colon = lines[i].find(':');
    if (colon == std::string_view::npos) continue;
    response.headers.emplace_back(lines[i].substr(0, colon), Trim(lines[i].substr(colon + 1)));
  }
  if (!has_body) return response;
  const auto length = ParseInt(FindHeader(response.headers, "content-length")).value_or(0);
  response.body = ReadBytes(static_cast<size_t>(length));
  if (response.body.size() != static_cast<size_t>(length)) response.status = 0;
  return response;
}

bool TestSocket::AtEnd() {
  if (!buffer_.empty()) return false;
  char byte = 0;
  return ::recv(descriptor_, &byte, 1, 0) == 0;
}

void TestSocket::ShutdownSend() { ::shutdown(descriptor_, SHUT_WR); }

void TestSocket::Close() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void TestSocket::ResetOnClose() {
  const linger reset = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
}

ScriptedServer::ScriptedServer(std::function<void(TestSocket)> script) : listener_(Bound()), port_(PortOf(listener_)) {
  ::listen(listener_, 16);
  thread_ = std::thread([this, script = std::move(script)] {
    while (true) {
      const int descriptor = ::accept(listener_, nullptr, nullptr);
      if (descriptor < 0) return;
      script(TestSocket(descriptor));
    }
  });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

uint16_t UnusedPort() {
  const int descriptor = Bound();
  const uint16_t port = PortOf(descriptor);
  ::close(descriptor);
  return port;
}

}  // namespace trunkline::http
