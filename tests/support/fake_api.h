// An HTTP API for tests of clients: answers requests with what was prepared, in order, and remembers them.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "libs/http/message.h"
#include "libs/http/server.h"

namespace trunkline::testing_support {

class FakeApi {
 public:
  FakeApi();

  std::string Url() const;
  // JSON; 500 once no answer is left.
  void Answer(int status, std::string body);
  void Answer(http::Response response);
  // From now on no request is answered, nor remembered.
  void BeSilent();
  // Not while a request may come in.
  const std::vector<http::Request>& requests() const { return requests_; }

 private:
  std::mutex mutex_;
  std::deque<http::Response> answers_;
  std::vector<http::Request> requests_;
  std::vector<http::Responder> kept_;
  bool silent_ = false;
  std::unique_ptr<http::Server> server_;
};

}  // namespace trunkline::testing_support
