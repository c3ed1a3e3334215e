// The front of the process: gives each request to the provider it is meant for, and serves what concerns all of them:
// /healthz, /twin/config and /twin/reset.
#pragma once

#include <memory>
#include <vector>

#include "libs/http/server.h"
#include "tools/provider-twin/provider.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin {

class Twin {
 public:
  // `world` outlives the object, which outlives everything that is planned on the scheduler.
  Twin(World& world, std::vector<std::unique_ptr<Provider>> providers);

  // Any thread.
  void Handle(http::Request request, http::Responder respond);

 private:
  void Serve(const http::Request& request, http::Responder respond);
  http::Response Control(const http::Request& request);
  http::Response Configure(const http::Request& request);

  World& world_;
  std::vector<std::unique_ptr<Provider>> providers_;
};

}  // namespace trunkline::twin
