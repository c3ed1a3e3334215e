#include "tests/support/lossy_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::testing_support {
namespace {

constexpr int kLookMilliseconds = 50;  // how often a thread looks whether it is to end
constexpr size_t kMostBytes = 1 << 16;

void Require(bool condition, const char* what) {
  if (condition) return;
  std::perror(what);
  std::exit(1);
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

int ListenOnAnyPort(uint16_t* port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  Require(bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(listener, SOMAXCONN) == 0 &&
              getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0,
          "a proxy cannot listen");
  *port = ntohs(address.sin_port);
  return listener;
}

// What there is to read; nothing at the end of the connection.
std::optional<std::string> Read(int descriptor) {
  std::string bytes(kMostBytes, '\0');
  const ssize_t count = recv(descriptor, bytes.data(), bytes.size(), 0);
  if (count <= 0) return std::nullopt;
  bytes.resize(static_cast<size_t>(count));
  return bytes;
}

bool Write(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(descriptor, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

}  // namespace

LossyProxy::LossyProxy(const std::string& url) {
  const size_t colon = url.find(':', url.find('@'));
  const size_t slash = url.find('/', colon);
  server_port_ = static_cast<uint16_t>(ParseInt(url.substr(colon + 1, slash - colon - 1)).value_or(0));
  uint16_t port = 0;
  listener_ = ListenOnAnyPort(&port);
  url_ = Concat(url.substr(0, colon + 1), port, url.substr(slash));
  accepting_ = std::jthread([this](const std::stop_token& stop) { Accept(stop); });
}

LossyProxy::~LossyProxy() {
  accepting_.request_stop();
  accepting_.join();
  connections_.clear();
  close(listener_);
}

void LossyProxy::LoseAnswerTo(const std::string& word) {
  const std::lock_guard lock(mutex_);
  word_ = word;
}

bool LossyProxy::IsToBeLost(const std::string& bytes) {
  const std::lock_guard lock(mutex_);
  if (word_.empty() || bytes.find(word_) == std::string::npos) return false;
  word_.clear();
  return true;
}

void LossyProxy::Accept(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    pollfd readable{listener_, POLLIN, 0};
    if (poll(&readable, 1, kLookMilliseconds) != 1) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    connections_.emplace_back([this, client](const std::stop_token& ending) { Pass(ending, client); });
  }
}

void LossyProxy::Pass(const std::stop_token& stop, int client) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(server_port_);
  bool is_open = connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  bool is_lossy = false;
  while (is_open && !stop.stop_requested()) {
    std::array<pollfd, 2> readable = {pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    if (poll(readable.data(), readable.size(), kLookMilliseconds) <= 0) continue;
    if (readable[0].revents != 0) {
      const std::optional<std::string> asked = Read(client);
      is_lossy = is_lossy || (asked.has_value() && IsToBeLost(*asked));
      is_open = asked.has_value() && Write(server, *asked);
    } else {
      const std::optional<std::string> answer = Read(server);
      if (is_lossy) ++lost_;
      is_open = !is_lossy && answer.has_value() && Write(client, *answer);
    }
  }
  close(server);
  close(client);
}

}  // namespace trunkline::testing_support
