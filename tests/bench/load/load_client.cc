#include "tests/bench/load/load_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "libs/base/text.h"

namespace trunkline::bench {
namespace {

constexpr size_t kReadAtOnce = 16 * 1024;

[[noreturn]] void ThrowSystemError(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

struct Answer {
  int status = 0;
  size_t length = 0;  // head and body
};

// The length of the body that a head announces. A benchmark that misreads answers measures nothing, so anything that is
// not understood ends it.
size_t BodyLength(int status, std::string_view head) {
  if (status == 204 || status == 304) return 0;
  for (const std::string_view line : Split(head, '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !EqualsIgnoreCase(line.substr(0, colon), "content-length")) continue;
    const std::optional<int64_t> length = ParseInt(Trim(line.substr(colon + 1)));
    if (length.has_value() && *length >= 0) return static_cast<size_t>(*length);
  }
  throw std::runtime_error("an answer without Content-Length");
}

// The first answer of `received`; nothing while its head is not whole.
std::optional<Answer> ReadAnswer(std::string_view received) {
  const size_t end = received.find("\r\n\r\n");
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view head = received.substr(0, end);
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  Answer answer;
  if (!head.starts_with(kVersion) ||
      std::from_chars(head.data() + kVersion.size(), head.data() + head.size(), answer.status).ec != std::errc()) {
    throw std::runtime_error("an answer that is no HTTP/1.1");
  }
  answer.length = end + 4 + BodyLength(answer.status, head);
  return answer;
}

}  // namespace

LoadClient::LoadClient(LoadOptions options, const std::vector<std::string>& requests)
    : options_(options),
      requests_(requests),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      connections_(static_cast<size_t>(options.connections)) {
  if (epoll_ < 0) ThrowSystemError("epoll_create1");
  result_.microseconds.reserve(requests.size());
}

LoadClient::~LoadClient() {
  for (const Connection& connection : connections_) {
    if (connection.socket >= 0) close(connection.socket);
  }
  close(epoll_);
}

void LoadClient::WatchFor(size_t index, uint32_t events, int operation) {
  epoll_event event{.events = events, .data = {.u64 = index}};
  if (epoll_ctl(epoll_, operation, connections_[index].socket, &event) != 0) ThrowSystemError("epoll_ctl");
}

void LoadClient::Connect(size_t index) {
  Connection& connection = connections_[index];
  connection = Connection{.socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (connection.socket < 0) ThrowSystemError("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options_.port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  // On the loopback this takes microseconds; only what follows must not block.
  if (connect(connection.socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ThrowSystemError("connect");
  }
  const int on = 1;
  setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  WatchFor(index, EPOLLIN, EPOLL_CTL_ADD);
  idle_.push_back(index);
}

LoadClient::Clock::time_point LoadClient::DueTime(int64_t request) const {
  return began_ + std::chrono::nanoseconds(static_cast<int64_t>(static_cast<double>(request) * 1e9 / options_.rate));
}

void LoadClient::SendDue() {
  const Clock::time_point now = Clock::now();
  while (!idle_.empty() && result_.sent < static_cast<int64_t>(requests_.size()) && now < began_ + options_.duration) {
    const Clock::time_point due = options_.rate > 0 ? DueTime(result_.sent) : Clock::now();
    if (due > now && options_.rate > 0) return;
    const size_t index = idle_.front();
    idle_.pop_front();
    Connection& connection = connections_[index];
    connection.request = result_.sent++;
    connection.written = 0;
    connection.due = due;
    ++under_way_;
    Write(index);
  }
}

void LoadClient::Write(size_t index) {
  Connection& connection = connections_[index];
  const std::string& request = requests_[static_cast<size_t>(connection.request)];
  const bool waited = connection.written > 0;
  const ssize_t count = send(connection.socket, request.data() + connection.written,
                             request.size() - connection.written, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN) return Lose(index);
  connection.written += static_cast<size_t>(std::max<ssize_t>(count, 0));
  if (connection.written < request.size()) {
    WatchFor(index, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  } else if (waited) {
    WatchFor(index, EPOLLIN, EPOLL_CTL_MOD);
  }
}

void LoadClient::Read(size_t index) {
  Connection& connection = connections_[index];
  std::array<char, kReadAtOnce> bytes;
  const ssize_t count = recv(connection.socket, bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (count < 0 && errno == EAGAIN) return;
  if (count <= 0) return Lose(index);
  connection.received.append(bytes.data(), static_cast<size_t>(count));
  TakeAnswers(index);
}

void LoadClient::TakeAnswers(size_t index) {
  Connection& connection = connections_[index];
  const std::optional<Answer> answer = ReadAnswer(connection.received);
  if (!answer.has_value() || connection.received.size() < answer->length) return;
  if (connection.request < 0 || connection.received.size() > answer->length) {
    throw std::runtime_error("an answer that nobody asked for");
  }
  connection.received.clear();
  last_answer_ = Clock::now();
  ++result_.statuses[answer->status];
  if (answer->status >= 200 && answer->status < 300) {
    result_.microseconds.push_back(static_cast<uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(last_answer_ - connection.due).count()));
  } else {
    result_.refused.push_back(connection.request);
  }
  connection.request = -1;
  --under_way_;
  idle_.push_back(index);
}

// The target closed the connection. Its request may have been taken or not; another connection takes its place.
void LoadClient::Lose(size_t index) {
  Connection& connection = connections_[index];
  if (connection.request >= 0) {
    result_.unanswered.push_back(connection.request);
    --under_way_;
  }
  std::erase(idle_, index);
  close(connection.socket);
  Connect(index);
}

LoadResult LoadClient::Run() {
  for (size_t index = 0; index < connections_.size(); ++index) Connect(index);
  began_ = last_answer_ = Clock::now();
  const Clock::time_point end = began_ + options_.duration;
  std::vector<epoll_event> events(connections_.size());
  while (true) {
    SendDue();
    const Clock::time_point now = Clock::now();
    const bool all_sent = now >= end || result_.sent == static_cast<int64_t>(requests_.size());
    if (all_sent && (under_way_ == 0 || now >= end + options_.patience)) break;
    std::chrono::nanoseconds wait = std::chrono::milliseconds(10);
    if (options_.rate > 0 && !all_sent && !idle_.empty()) {
      wait = std::clamp(std::chrono::nanoseconds(DueTime(result_.sent) - now), std::chrono::nanoseconds(0), wait);
    }
    const timespec limit{.tv_sec = 0, .tv_nsec = wait.count()};
    const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
    if (count < 0 && errno != EINTR) ThrowSystemError("epoll_pwait2");
    for (int i = 0; i < count; ++i) {
      const size_t index = events[static_cast<size_t>(i)].data.u64;
      if ((events[static_cast<size_t>(i)].events & EPOLLOUT) != 0) {
        Write(index);
      } else {
        Read(index);
      }
    }
  }
  for (const Connection& connection : connections_) {
    if (connection.request >= 0) result_.unanswered.push_back(connection.request);
  }
  result_.seconds = std::chrono::duration<double>(last_answer_ - began_).count();
  return std::move(result_);
}

}  // namespace trunkline::bench
