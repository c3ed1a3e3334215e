// Where call-tracking-sync is and with which key it is asked; the options of every command that talks to it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::trunkctl {

// For an answer.
inline constexpr absl::Duration kTrackingTimeout = absl::Seconds(30);

struct TrackingOptions {
  std::string address = "127.0.0.1:7100";
  std::string api_key;

  // Adds --tracking and --api-key, with TRUNKLINE_TRACKING and TRUNKLINE_API_KEY behind them.
  void AddTo(CLI::App& command);

  // Asks one method: Ask<SyncService>(&SyncService::Stub::GetSyncRun, request).
  template <typename Service, typename Request, typename Response>
  absl::StatusOr<Response> Ask(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                               const Request& request, absl::Duration timeout = kTrackingTimeout) const {
    const auto stub = Service::NewStub(rpc::MakeChannel(address));
    grpc::ClientContext context;
    rpc::Prepare(&context, timeout, api_key);
    Response response;
    if (absl::Status status = rpc::FromGrpc((stub.get()->*method)(&context, request, &response)); !status.ok()) {
      return status;
    }
    return response;
  }
};

}  // namespace trunkline::trunkctl
