// The gates that the gateway keeps before a call, asked on behalf of a business with the service token.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"

namespace trunkline::scheduler {

class GatewayGates {
 public:
  struct Options {
    std::string address;
    std::string service_token;
    absl::Duration timeout = absl::Seconds(3);
  };

  explicit GatewayGates(Options options);

  // Blocks for at most the timeout. Errors are the gateway's own.
  absl::StatusOr<control::v1::ExplainCallResponse> Ask(std::string_view business_id,
                                                       const control::v1::ExplainCallRequest& request) const;

 private:
  const Options options_;
  const std::unique_ptr<control::v1::CallControlService::Stub> stub_;
};

}  // namespace trunkline::scheduler
