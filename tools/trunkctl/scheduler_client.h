// Where the campaign-scheduler is and with which key it is asked; the options of every command that talks to it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::trunkctl {

// For an answer.
inline constexpr absl::Duration kSchedulerTimeout = absl::Seconds(30);

struct SchedulerOptions {
  std::string address = "127.0.0.1:7090";
  std::string api_key;

  // Adds --scheduler and --api-key, with TRUNKLINE_SCHEDULER and TRUNKLINE_API_KEY behind them.
  void AddTo(CLI::App& command);
  std::shared_ptr<grpc::Channel> Connect() const;
  void Prepare(grpc::ClientContext* context, absl::Duration timeout) const;

  // Asks one method: Ask<CampaignService>(&CampaignService::Stub::GetCampaign, request).
  template <typename Service, typename Request, typename Response>
  absl::StatusOr<Response> Ask(grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                               const Request& request, absl::Duration timeout = kSchedulerTimeout) const {
    const auto stub = Service::NewStub(Connect());
    grpc::ClientContext context;
    Prepare(&context, timeout);
    Response response;
    if (absl::Status status = rpc::FromGrpc((stub.get()->*method)(&context, request, &response)); !status.ok()) {
      return status;
    }
    return response;
  }
};

}  // namespace trunkline::trunkctl
