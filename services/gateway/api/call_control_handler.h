// CallControlService on gRPC: calls that block run on the server's threads, WatchCalls takes none.
#pragma once

#include "libs/rpc/method.h"
#include "services/gateway/calls/call_reader.h"
#include "services/gateway/calls/call_timeline.h"
#include "services/gateway/calls/call_watch.h"
#include "services/gateway/control/call_controller.h"
#include "services/gateway/control/call_ender.h"
#include "services/gateway/dialing/bulk_dialer.h"
#include "services/gateway/dialing/call_explainer.h"
#include "services/gateway/dialing/dial_pipeline.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"

namespace trunkline::gateway {

class CallControlHandler final
    : public control::v1::CallControlService::WithCallbackMethod_WatchCalls<control::v1::CallControlService::Service> {
 public:
  struct Parts {                  // all of them outlive the handler
    const rpc::Methods& methods;  // authenticates by API key
    DialPipeline& pipeline;
    BulkDialer& bulk;
    CallReader& reader;
    CallTimeline& timeline;
    CallEnder& ender;
    CallController& controller;
    CallWatch& watch;
    CallExplainer& explainer;
  };

  explicit CallControlHandler(Parts parts) : parts_(parts) {}

  grpc::Status InitiateCall(grpc::ServerContext* context, const control::v1::InitiateCallRequest* request,
                            control::v1::InitiateCallResponse* response) override;
  grpc::Status InitiateCalls(grpc::ServerContext* context, const control::v1::InitiateCallsRequest* request,
                             control::v1::InitiateCallsResponse* response) override;
  grpc::Status GetCall(grpc::ServerContext* context, const control::v1::GetCallRequest* request,
                       control::v1::GetCallResponse* response) override;
  grpc::Status GetCallTimeline(grpc::ServerContext* context, const control::v1::GetCallTimelineRequest* request,
                               control::v1::GetCallTimelineResponse* response) override;
  grpc::Status ListCalls(grpc::ServerContext* context, const control::v1::ListCallsRequest* request,
                         control::v1::ListCallsResponse* response) override;
  grpc::Status SyncCall(grpc::ServerContext* context, const control::v1::SyncCallRequest* request,
                        control::v1::SyncCallResponse* response) override;
  grpc::Status ExplainCall(grpc::ServerContext* context, const control::v1::ExplainCallRequest* request,
                           control::v1::ExplainCallResponse* response) override;
  grpc::Status UpdateCall(grpc::ServerContext* context, const control::v1::UpdateCallRequest* request,
                          control::v1::UpdateCallResponse* response) override;
  grpc::Status AnswerCall(grpc::ServerContext* context, const control::v1::AnswerCallRequest* request,
                          control::v1::AnswerCallResponse* response) override;
  grpc::Status HoldCall(grpc::ServerContext* context, const control::v1::HoldCallRequest* request,
                        control::v1::HoldCallResponse* response) override;
  grpc::Status ResumeCall(grpc::ServerContext* context, const control::v1::ResumeCallRequest* request,
                          control::v1::ResumeCallResponse* response) override;
  grpc::Status TransferCall(grpc::ServerContext* context, const control::v1::TransferCallRequest* request,
                            control::v1::TransferCallResponse* response) override;
  grpc::Status CompleteTransfer(grpc::ServerContext* context, const control::v1::CompleteTransferRequest* request,
                                control::v1::CompleteTransferResponse* response) override;
  grpc::Status CancelTransfer(grpc::ServerContext* context, const control::v1::CancelTransferRequest* request,
                              control::v1::CancelTransferResponse* response) override;
  grpc::Status JoinConference(grpc::ServerContext* context, const control::v1::JoinConferenceRequest* request,
                              control::v1::JoinConferenceResponse* response) override;
  grpc::Status SendDigits(grpc::ServerContext* context, const control::v1::SendDigitsRequest* request,
                          control::v1::SendDigitsResponse* response) override;
  grpc::Status PlayMedia(grpc::ServerContext* context, const control::v1::PlayMediaRequest* request,
                         control::v1::PlayMediaResponse* response) override;
  grpc::Status StopMedia(grpc::ServerContext* context, const control::v1::StopMediaRequest* request,
                         control::v1::StopMediaResponse* response) override;
  grpc::Status StartRecording(grpc::ServerContext* context, const control::v1::StartRecordingRequest* request,
                              control::v1::StartRecordingResponse* response) override;
  grpc::Status StopRecording(grpc::ServerContext* context, const control::v1::StopRecordingRequest* request,
                             control::v1::StopRecordingResponse* response) override;
  grpc::Status EndCall(grpc::ServerContext* context, const control::v1::EndCallRequest* request,
                       control::v1::EndCallResponse* response) override;
  grpc::ServerWriteReactor<control::v1::WatchCallsResponse>* WatchCalls(
      grpc::CallbackServerContext* context, const control::v1::WatchCallsRequest* request) override;

 private:
  Parts parts_;
};

}  // namespace trunkline::gateway
