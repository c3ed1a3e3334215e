#include "libs/http/test_server.h"

#include <gtest/gtest.h>

#include "libs/base/text.h"

namespace trunkline::http {

std::string Post(std::string_view body, std::string_view more_headers) {
  return Concat("POST /p HTTP/1.1\r\nHost: a\r\n", more_headers, "Content-Length: ", body.size(), "\r\n\r\n", body);
}

std::unique_ptr<Server> StartServer(ServerOptions options, Handler handler) {
  auto server = Server::Start(std::move(options), std::move(handler));
  EXPECT_TRUE(server.ok()) << server.status();
  return std::move(server).value();
}

void Echo(Request request, Responder respond) { respond.Send({.status = 200, .body = std::move(request.body)}); }

Handler Desk::handler() {
  return [this](Request request, Responder respond) {
    const std::lock_guard lock(mutex_);
    waiting_.emplace_back(std::move(request), std::move(respond));
    changed_.notify_all();
  };
}

std::pair<Request, Responder> Desk::Take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !waiting_.empty(); });
  auto taken = std::move(waiting_.front());
  waiting_.erase(waiting_.begin());
  return taken;
}

std::function<void(int, absl::Duration)> Answered::callback() {
  return [this](int status, absl::Duration took) {
    EXPECT_GE(took, absl::ZeroDuration());
    const std::lock_guard lock(mutex_);
    statuses_.push_back(status);
  };
}

std::vector<int> Answered::statuses() {
  const std::lock_guard lock(mutex_);
  return statuses_;
}

}  // namespace trunkline::http
