#include "tools/trunkctl/scheduler_client.h"

#include "libs/rpc/channel.h"

namespace trunkline::trunkctl {

void SchedulerOptions::AddTo(CLI::App& command) {
  command.add_option("--scheduler", address, "gRPC address of the campaign-scheduler, host:port")
      ->envname("TRUNKLINE_SCHEDULER")
      ->capture_default_str();
  command.add_option("--api-key", api_key, "API key of the business; better given as TRUNKLINE_API_KEY")
      ->envname("TRUNKLINE_API_KEY");
}

std::shared_ptr<grpc::Channel> SchedulerOptions::Connect() const { return rpc::MakeChannel(address); }

void SchedulerOptions::Prepare(grpc::ClientContext* context, absl::Duration timeout) const {
  rpc::Prepare(context, timeout, api_key);
}

}  // namespace trunkline::trunkctl
