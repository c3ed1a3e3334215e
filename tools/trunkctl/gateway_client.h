// Where the gateway is and with which key it is asked; the options of every command that talks to it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/time/time.h"

namespace trunkline::trunkctl {

struct GatewayOptions {
  std::string address = "127.0.0.1:50051";
  std::string api_key;

  // Adds --gateway and --api-key, with TRUNKLINE_GATEWAY and TRUNKLINE_API_KEY behind them.
  void AddTo(CLI::App& command);
  std::shared_ptr<grpc::Channel> Connect() const;
  void Prepare(grpc::ClientContext* context, absl::Duration timeout) const;
};

}  // namespace trunkline::trunkctl
