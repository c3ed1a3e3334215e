#include "tests/bench/load/redis_connection.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <utility>

#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::bench {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

}  // namespace

absl::StatusOr<std::unique_ptr<RedisConnection>> RedisConnection::Open(const std::string& address) {
  const size_t colon = address.rfind(':');
  const std::optional<int64_t> port = ParseInt(std::string_view(address).substr(colon + 1));
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<uint16_t>(port.value_or(0)));
  if (colon == std::string::npos || inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr) != 1) {
    return absl::InvalidArgumentError(ToAbsl(Concat("not an address: ", address)));
  }
  std::unique_ptr<RedisConnection> connection(new RedisConnection(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)));
  const int on = 1;
  setsockopt(connection->socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(connection->socket_, reinterpret_cast<const sockaddr*>(&peer), sizeof(peer)) != 0) {
    return absl::UnavailableError(ToAbsl(Concat("cannot connect to ", address)));
  }
  return connection;
}

RedisConnection::~RedisConnection() { close(socket_); }

void RedisConnection::Add(const std::vector<std::string>& command) {
  unsent_ += Concat("*", command.size(), kLineEnd);
  for (const std::string& word : command) unsent_ += Concat("$", word.size(), kLineEnd, word, kLineEnd);
  ++commands_;
}

absl::StatusOr<std::vector<std::string>> RedisConnection::Ask() {
  TL_RETURN_IF_ERROR(SendAll());
  std::vector<std::string> answers;
  for (; commands_ > 0; --commands_) {
    TL_ASSIGN_OR_RETURN(std::string answer, ReadAnswer());
    answers.push_back(std::move(answer));
  }
  read_.erase(0, std::exchange(parsed_, 0));
  return answers;
}

absl::Status RedisConnection::SendAll() {
  for (size_t sent = 0; sent < unsent_.size();) {
    const ssize_t count = send(socket_, unsent_.data() + sent, unsent_.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return absl::UnavailableError("the connection to Redis is lost");
    sent += static_cast<size_t>(count);
  }
  unsent_.clear();
  return absl::OkStatus();
}

absl::Status RedisConnection::ReadMore() {
  std::array<char, 64 * 1024> buffer;
  const ssize_t count = recv(socket_, buffer.data(), buffer.size(), 0);
  if (count <= 0) return absl::UnavailableError("the connection to Redis is lost");
  read_.append(buffer.data(), static_cast<size_t>(count));
  return absl::OkStatus();
}

absl::StatusOr<std::string> RedisConnection::ReadLine() {
  size_t end = read_.find(kLineEnd, parsed_);
  while (end == std::string::npos) {
    TL_RETURN_IF_ERROR(ReadMore());
    end = read_.find(kLineEnd, parsed_);
  }
  std::string line = read_.substr(parsed_, end - parsed_);
  parsed_ = end + kLineEnd.size();
  return line;
}

absl::StatusOr<std::string> RedisConnection::ReadAnswer() {
  TL_ASSIGN_OR_RETURN(const std::string line, ReadLine());
  std::string value = line.empty() ? line : line.substr(1);
  if (line.starts_with(':') || line.starts_with('+')) return value;
  // A text: its length, and itself on the next line; those of scripts' digests have no end of a line in them.
  if (line.starts_with('$')) return ReadLine();
  return absl::InternalError(ToAbsl(Concat("Redis answered ", line)));
}

}  // namespace trunkline::bench
