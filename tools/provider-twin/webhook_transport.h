// Carries webhooks over the network.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "libs/http/client.h"

namespace trunkline::twin {

class WebhookTransport {
 public:
  using Done = std::function<void(absl::StatusOr<http::Response>)>;
  virtual ~WebhookTransport() = default;
  // Sends once. `done` is called on any thread.
  virtual void Send(http::ClientRequest request, absl::Duration connect_timeout, Done done) = 0;
};

// A few threads with connections that stay open. `workers` bounds the requests under way; the others wait.
std::unique_ptr<WebhookTransport> MakeHttpTransport(int workers);

}  // namespace trunkline::twin
