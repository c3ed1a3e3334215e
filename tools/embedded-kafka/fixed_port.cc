#include "tools/embedded-kafka/fixed_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstring>

#include "libs/base/text.h"

namespace trunkline {
namespace {

std::atomic<uint16_t> chosen_port = 0;

bool AsksForAnyLoopbackPort(const sockaddr* address, socklen_t length) {
  if (address->sa_family != AF_INET || length < sizeof(sockaddr_in)) return false;
  sockaddr_in internet;
  std::memcpy(&internet, address, sizeof internet);
  return internet.sin_port == 0 && internet.sin_addr.s_addr == htonl(INADDR_LOOPBACK);
}

bool PortIsFree(uint16_t port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener < 0) return false;
  const int reuse = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  const bool free = bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(listener);
  return free;
}

}  // namespace

absl::Status ListenOnPort(uint16_t port) {
  if (port != 0 && !PortIsFree(port)) {
    return absl::UnavailableError(Concat("port ", port, " of 127.0.0.1 is in use; choose another with --port"));
  }
  chosen_port = port;
  return absl::OkStatus();
}

}  // namespace trunkline

extern "C" int bind(int socket, const sockaddr* address, socklen_t length) noexcept {
  if (!trunkline::AsksForAnyLoopbackPort(address, length)) {
    return static_cast<int>(syscall(SYS_bind, socket, address, length));
  }
  const uint16_t port = trunkline::chosen_port.exchange(0);
  sockaddr_in with_port;
  std::memcpy(&with_port, address, sizeof with_port);
  with_port.sin_port = htons(port);
  return static_cast<int>(syscall(SYS_bind, socket, &with_port, sizeof with_port));
}
