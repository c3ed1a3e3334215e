// The customer of the tests: gets the webhooks and answers them at once.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tools/provider-twin/webhook_transport.h"

namespace trunkline::twin {

class FakeTransport final : public WebhookTransport {
 public:
  using Answer = std::function<absl::StatusOr<http::Response>(const http::ClientRequest&)>;

  void Send(http::ClientRequest request, absl::Duration connect_timeout, Done done) override {
    requests.push_back(request);
    connect_timeouts.push_back(connect_timeout);
    done(answer(requests.back()));
  }

  std::vector<http::ClientRequest> requests;
  std::vector<absl::Duration> connect_timeouts;
  Answer answer = [](const http::ClientRequest&) { return http::Response{.status = 204}; };
};

}  // namespace trunkline::twin
