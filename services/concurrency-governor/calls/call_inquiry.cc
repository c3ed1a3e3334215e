#include "services/concurrency-governor/calls/call_inquiry.h"

#include <utility>

#include "libs/base/log.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::governor {

GatewayInquiry::GatewayInquiry(const std::string& gateway_address, std::string service_token, absl::Duration timeout)
    : stub_(control::v1::CallInquiryService::NewStub(rpc::MakeChannel(gateway_address))),
      service_token_(std::move(service_token)),
      timeout_(timeout) {}

CallLife GatewayInquiry::Ask(const std::string& business_id, const std::string& call_id) {
  grpc::ClientContext context;
  rpc::Prepare(&context, timeout_, service_token_);
  control::v1::InquireCallRequest request;
  request.set_business_id(business_id);
  request.set_call_id(call_id);
  control::v1::InquireCallResponse response;
  if (const grpc::Status status = stub_->InquireCall(&context, request, &response); !status.ok()) {
    LogWarning("nobody could tell about a silent call", {{"call_id", call_id}, {"error", rpc::FromGrpc(status)}});
    return CallLife::kUnknown;
  }
  switch (response.life()) {
    case control::v1::CALL_LIFE_ALIVE:
      return CallLife::kAlive;
    case control::v1::CALL_LIFE_ENDED:
      return CallLife::kEnded;
    default:
      return CallLife::kUnknown;
  }
}

}  // namespace trunkline::governor
