#include "libs/providers/sip/ami/socket.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "absl/time/clock.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::providers::sip::ami {
namespace {

constexpr size_t kReadSize = 16 * 1024;

absl::Status Broken(std::string_view what) {
  return absl::UnavailableError(ToAbsl(Concat(what, ": ", std::generic_category().message(errno))));
}

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::StatusOr<Addresses> Resolve(const std::string& host, uint16_t port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed != 0) return absl::UnavailableError(ToAbsl(Concat("the host cannot be found: ", gai_strerror(failed))));
  return Addresses(found, &freeaddrinfo);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Socket>> Socket::Connect(const std::string& host, uint16_t port, absl::Time deadline,
                                                        const StopSignal* stop) {
  TL_ASSIGN_OR_RETURN(const Addresses addresses, Resolve(host, port));
  absl::Status problem = absl::UnavailableError("the host has no address");
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    const int descriptor = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol);
    if (descriptor < 0) return Broken("socket");
    std::unique_ptr<Socket> made(new Socket(descriptor, stop));
    if (connect(descriptor, address->ai_addr, address->ai_addrlen) != 0 && errno != EINPROGRESS) {
      problem = Broken("connect");
      continue;
    }
    problem = made->Wait(POLLOUT, deadline);
    if (absl::IsCancelled(problem)) return problem;
    if (!problem.ok()) continue;
    int failure = 0;
    socklen_t size = sizeof failure;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) != 0) return Broken("getsockopt");
    if (failure != 0) {
      errno = failure;
      problem = Broken("connect");
      continue;
    }
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return made;
  }
  return absl::IsDeadlineExceeded(problem) ? absl::UnavailableError("nobody answers there") : problem;
}

Socket::~Socket() { close(descriptor_); }

absl::Status Socket::Wait(short events, absl::Time deadline) const {
  pollfd wanted[2] = {{.fd = descriptor_, .events = events, .revents = 0},
                      {.fd = stop_ == nullptr ? -1 : stop_->descriptor(), .events = POLLIN, .revents = 0}};
  while (true) {
    const int64_t left = absl::ToInt64Milliseconds(deadline - absl::Now());
    const int ready = poll(wanted, 2, static_cast<int>(std::clamp<int64_t>(left + 1, 0, 3'600'000)));
    if (ready < 0 && errno != EINTR) return Broken("poll");
    if (wanted[1].revents != 0) return absl::CancelledError("stopped");
    if (ready > 0 && wanted[0].revents != 0) return absl::OkStatus();
    if (ready == 0 && absl::Now() >= deadline) return absl::DeadlineExceededError("no answer in time");
  }
}

absl::StatusOr<std::string> Socket::Read(absl::Time deadline) {
  std::string bytes(kReadSize, '\0');
  while (true) {
    TL_RETURN_IF_ERROR(Wait(POLLIN, deadline));
    const ssize_t count = recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (count > 0) {
      bytes.resize(static_cast<size_t>(count));
      return bytes;
    }
    if (count == 0) return absl::UnavailableError("the connection was closed");
    if (errno != EAGAIN && errno != EINTR) return Broken("read");
  }
}

absl::Status Socket::Write(std::string_view bytes, absl::Time deadline) {
  while (!bytes.empty()) {
    const ssize_t count = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count > 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (count < 0 && errno != EAGAIN && errno != EINTR) {
      return Broken("write");
    } else {
      TL_RETURN_IF_ERROR(Wait(POLLOUT, deadline));
    }
  }
  return absl::OkStatus();
}

}  // namespace trunkline::providers::sip::ami
