// The operator's port of every service: GET /metrics (Prometheus text), /healthz (the process lives: always 200) and
// /readyz (it can do its work: 200, or 503 with the reasons). Liveness asks no dependency; readiness does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "libs/http/server.h"

namespace trunkline::http {

struct AdminOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;
  std::function<std::string()> metrics = {};     // the text of /metrics
  std::function<absl::Status()> readiness = {};  // OK when ready; must be quick and must not block
};

// Starts the server; it serves until it is destroyed.
absl::StatusOr<std::unique_ptr<Server>> StartAdminServer(AdminOptions options);

}  // namespace trunkline::http
