// Between the thread that makes a body and the connection that sends it. Internal to the server. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::http {

class Connection;
class Mailbox;

class BodyPipe {
 public:
  // What the connection finds.
  struct Taken {
    std::string bytes;
    bool is_last = false;
    bool is_broken = false;  // the body will never be whole
  };

  BodyPipe(std::shared_ptr<Mailbox> mailbox, std::weak_ptr<Connection> connection, std::optional<uint64_t> bytes);

  std::optional<uint64_t> bytes() const { return bytes_; }

  // For the thread; see BodyStream.
  bool Write(std::string_view piece);
  void Finish();
  void Break();

  // For the connection: everything that waits.
  Taken Take();
  // Nothing is taken any more.
  void Abandon();

 private:
  void Wake();

  const std::shared_ptr<Mailbox> mailbox_;
  const std::weak_ptr<Connection> connection_;
  const std::optional<uint64_t> bytes_;
  std::mutex mutex_;
  std::condition_variable taken_;
  std::string waiting_;
  uint64_t written_ = 0;
  bool finished_ = false;
  bool broken_ = false;
  bool abandoned_ = false;
};

}  // namespace trunkline::http
