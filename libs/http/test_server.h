// What tests of the server share: a server on a port of its own, requests as they go over the wire, and handlers that
// the test has a hand in.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libs/http/server.h"

namespace trunkline::http {

inline constexpr std::string_view kGet = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

// `more_headers` are whole lines.
std::string Post(std::string_view body, std::string_view more_headers = "");

std::unique_ptr<Server> StartServer(ServerOptions options, Handler handler);

// A handler that answers with the request's body.
void Echo(Request request, Responder respond);

// Keeps responders until the test answers them.
class Desk {
 public:
  Handler handler();
  // Waits for a request.
  std::pair<Request, Responder> Take();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::pair<Request, Responder>> waiting_;
};

// Collects what ServerOptions::on_answered is told.
class Answered {
 public:
  std::function<void(int status, absl::Duration took)> callback();
  std::vector<int> statuses();

 private:
  std::mutex mutex_;
  std::vector<int> statuses_;
};

}  // namespace trunkline::http
