// Where the governor is and with which token it is asked; the options of every command that talks to it.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "libs/governor/governor_client.h"

namespace trunkline::trunkctl {

struct GovernorOptions {
  std::string addresses = "127.0.0.1:7080";
  std::string service_token;

  // Adds --governor and --service-token, with TRUNKLINE_GOVERNOR and TRUNKLINE_SERVICE_TOKEN behind them.
  void AddTo(CLI::App& command);
  // Asks whichever replica decides.
  absl::StatusOr<std::unique_ptr<governor::GovernorClient>> Connect() const;
};

}  // namespace trunkline::trunkctl
