// CallControlService on gRPC: calls that block run on the server's threads, WatchCalls takes none.
#pragma once

#include "libs/rpc/method.h"
#include "services/gateway/call_ender.h"
#include "services/gateway/call_reader.h"
#include "services/gateway/call_watch.h"
#include "services/gateway/dial_pipeline.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"

namespace trunkline::gateway {

class CallControlHandler final
    : public control::v1::CallControlService::WithCallbackMethod_WatchCalls<control::v1::CallControlService::Service> {
 public:
  // `methods` authenticates by API key. All outlive the handler.
  CallControlHandler(const rpc::Methods& methods, DialPipeline& pipeline, CallReader& reader, CallEnder& ender,
                     CallWatch& watch)
      : methods_(methods), pipeline_(pipeline), reader_(reader), ender_(ender), watch_(watch) {}

  grpc::Status InitiateCall(grpc::ServerContext* context, const control::v1::InitiateCallRequest* request,
                            control::v1::InitiateCallResponse* response) override;
  grpc::Status GetCall(grpc::ServerContext* context, const control::v1::GetCallRequest* request,
                       control::v1::GetCallResponse* response) override;
  grpc::Status ListCalls(grpc::ServerContext* context, const control::v1::ListCallsRequest* request,
                         control::v1::ListCallsResponse* response) override;
  grpc::Status EndCall(grpc::ServerContext* context, const control::v1::EndCallRequest* request,
                       control::v1::EndCallResponse* response) override;
  grpc::ServerWriteReactor<control::v1::WatchCallsResponse>* WatchCalls(
      grpc::CallbackServerContext* context, const control::v1::WatchCallsRequest* request) override;

 private:
  const rpc::Methods& methods_;
  DialPipeline& pipeline_;
  CallReader& reader_;
  CallEnder& ender_;
  CallWatch& watch_;
};

}  // namespace trunkline::gateway
