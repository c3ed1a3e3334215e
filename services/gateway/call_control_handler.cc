#include "services/gateway/call_control_handler.h"

#include "libs/base/status.h"

namespace trunkline::gateway {

using rpc::Caller;

grpc::Status CallControlHandler::InitiateCall(grpc::ServerContext* context,
                                              const control::v1::InitiateCallRequest* request,
                                              control::v1::InitiateCallResponse* response) {
  return methods_.Unary("CallControlService/InitiateCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), pipeline_.Initiate(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::GetCall(grpc::ServerContext* context, const control::v1::GetCallRequest* request,
                                         control::v1::GetCallResponse* response) {
  return methods_.Unary("CallControlService/GetCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), reader_.Get(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::ListCalls(grpc::ServerContext* context, const control::v1::ListCallsRequest* request,
                                           control::v1::ListCallsResponse* response) {
  return methods_.Unary("CallControlService/ListCalls", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, reader_.List(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::EndCall(grpc::ServerContext* context, const control::v1::EndCallRequest* request,
                                         control::v1::EndCallResponse* response) {
  return methods_.Unary("CallControlService/EndCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), ender_.End(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<control::v1::WatchCallsResponse>* CallControlHandler::WatchCalls(
    grpc::CallbackServerContext* context, const control::v1::WatchCallsRequest* request) {
  return watch_.Start(rpc::BearerKeyOf(*context), *request);
}

}  // namespace trunkline::gateway
