#include "services/campaign-scheduler/campaigns/gateway_gates.h"

#include <utility>

#include "libs/base/status.h"
#include "libs/rpc/authenticator.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::scheduler {

GatewayGates::GatewayGates(Options options)
    : options_(std::move(options)),
      stub_(control::v1::CallControlService::NewStub(rpc::MakeChannel(options_.address))) {}

absl::StatusOr<control::v1::ExplainCallResponse> GatewayGates::Ask(
    std::string_view business_id, const control::v1::ExplainCallRequest& request) const {
  grpc::ClientContext context;
  rpc::Prepare(&context, options_.timeout, options_.service_token);
  context.AddMetadata(rpc::kBusinessMetadata, std::string(business_id));
  control::v1::ExplainCallResponse response;
  TL_RETURN_IF_ERROR(rpc::FromGrpc(stub_->ExplainCall(&context, request, &response)));
  return response;
}

}  // namespace trunkline::scheduler
