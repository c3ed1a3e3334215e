// One simulated provider. Its methods are called on the scheduler.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "libs/http/message.h"
#include "libs/http/server.h"

namespace trunkline::twin {

class Provider {
 public:
  virtual ~Provider() = default;
  // The name in the paths of the control API: /twin/NAME/...
  virtual std::string_view name() const = 0;
  // An account that may use the API, as the provider's folder describes it: "AC...:token".
  virtual absl::Status AddAccount(std::string_view description) = 0;
  // True for the paths of the provider's own API.
  virtual bool OwnsPath(std::string_view path) const = 0;
  virtual void Serve(const http::Request& request, http::Responder respond) = 0;
  // `path` is what follows /twin/NAME.
  virtual http::Response Control(std::string_view path, const http::Request& request) = 0;
  // Forgets calls and logs; accounts stay.
  virtual void Reset() = 0;
};

}  // namespace trunkline::twin
