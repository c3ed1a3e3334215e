#include "tests/support/fake_api.h"

#include <utility>

#include "libs/base/text.h"

namespace trunkline::testing_support {

FakeApi::FakeApi() {
  auto server = http::Server::Start({}, [this](http::Request request, http::Responder respond) {
    http::Response response{.status = 500, .headers = {}, .body = "nothing prepared"};
    {
      const std::scoped_lock lock(mutex_);
      if (silent_) {
        kept_.push_back(std::move(respond));
        return;
      }
      requests_.push_back(std::move(request));
      if (!answers_.empty()) {
        response = std::move(answers_.front());
        answers_.pop_front();
      }
    }
    respond.Send(std::move(response));
  });
  server_ = *std::move(server);
}

std::string FakeApi::Url() const { return Concat("http://127.0.0.1:", server_->port()); }

void FakeApi::Answer(int status, std::string body) { Answer(http::JsonResponse(status, std::move(body))); }

void FakeApi::Answer(http::Response response) {
  const std::scoped_lock lock(mutex_);
  answers_.push_back(std::move(response));
}

void FakeApi::BeSilent() {
  const std::scoped_lock lock(mutex_);
  silent_ = true;
}

}  // namespace trunkline::testing_support
