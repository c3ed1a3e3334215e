// CallControlService on gRPC: calls that block wait for a thread of the service's own, WatchCalls takes none.
#pragma once

#include "libs/rpc/queued_methods.h"
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

class CallControlHandler final : public control::v1::CallControlService::CallbackService {
 public:
  struct Parts {                        // all of them outlive the handler
    const rpc::QueuedMethods& methods;  // authenticates by API key
    DialPipeline& pipeline;
    BulkDialer& bulk;
    CallReader& reader;
    CallTimeline& timeline;
    CallEnder& ender;
    CallController& controller;
    CallWatch& watch;
    CallExplainer& explainer;
  };

  explicit CallControlHandler(Parts parts);
  ~CallControlHandler() override;

  grpc::ServerUnaryReactor* InitiateCall(grpc::CallbackServerContext* context,
                                         const control::v1::InitiateCallRequest* request,
                                         control::v1::InitiateCallResponse* response) override;
  grpc::ServerUnaryReactor* InitiateCalls(grpc::CallbackServerContext* context,
                                          const control::v1::InitiateCallsRequest* request,
                                          control::v1::InitiateCallsResponse* response) override;
  grpc::ServerUnaryReactor* GetCall(grpc::CallbackServerContext* context, const control::v1::GetCallRequest* request,
                                    control::v1::GetCallResponse* response) override;
  grpc::ServerUnaryReactor* GetCallTimeline(grpc::CallbackServerContext* context,
                                            const control::v1::GetCallTimelineRequest* request,
                                            control::v1::GetCallTimelineResponse* response) override;
  grpc::ServerUnaryReactor* ListCalls(grpc::CallbackServerContext* context,
                                      const control::v1::ListCallsRequest* request,
                                      control::v1::ListCallsResponse* response) override;
  grpc::ServerUnaryReactor* SyncCall(grpc::CallbackServerContext* context, const control::v1::SyncCallRequest* request,
                                     control::v1::SyncCallResponse* response) override;
  grpc::ServerUnaryReactor* ExplainCall(grpc::CallbackServerContext* context,
                                        const control::v1::ExplainCallRequest* request,
                                        control::v1::ExplainCallResponse* response) override;
  grpc::ServerUnaryReactor* UpdateCall(grpc::CallbackServerContext* context,
                                       const control::v1::UpdateCallRequest* request,
                                       control::v1::UpdateCallResponse* response) override;
  grpc::ServerUnaryReactor* AnswerCall(grpc::CallbackServerContext* context,
                                       const control::v1::AnswerCallRequest* request,
                                       control::v1::AnswerCallResponse* response) override;
  grpc::ServerUnaryReactor* HoldCall(grpc::CallbackServerContext* context, const control::v1::HoldCallRequest* request,
                                     control::v1::HoldCallResponse* response) override;
  grpc::ServerUnaryReactor* ResumeCall(grpc::CallbackServerContext* context,
                                       const control::v1::ResumeCallRequest* request,
                                       control::v1::ResumeCallResponse* response) override;
  grpc::ServerUnaryReactor* TransferCall(grpc::CallbackServerContext* context,
                                         const control::v1::TransferCallRequest* request,
                                         control::v1::TransferCallResponse* response) override;
  grpc::ServerUnaryReactor* CompleteTransfer(grpc::CallbackServerContext* context,
                                             const control::v1::CompleteTransferRequest* request,
                                             control::v1::CompleteTransferResponse* response) override;
  grpc::ServerUnaryReactor* CancelTransfer(grpc::CallbackServerContext* context,
                                           const control::v1::CancelTransferRequest* request,
                                           control::v1::CancelTransferResponse* response) override;
  grpc::ServerUnaryReactor* JoinConference(grpc::CallbackServerContext* context,
                                           const control::v1::JoinConferenceRequest* request,
                                           control::v1::JoinConferenceResponse* response) override;
  grpc::ServerUnaryReactor* SendDigits(grpc::CallbackServerContext* context,
                                       const control::v1::SendDigitsRequest* request,
                                       control::v1::SendDigitsResponse* response) override;
  grpc::ServerUnaryReactor* PlayMedia(grpc::CallbackServerContext* context,
                                      const control::v1::PlayMediaRequest* request,
                                      control::v1::PlayMediaResponse* response) override;
  grpc::ServerUnaryReactor* StopMedia(grpc::CallbackServerContext* context,
                                      const control::v1::StopMediaRequest* request,
                                      control::v1::StopMediaResponse* response) override;
  grpc::ServerUnaryReactor* StartRecording(grpc::CallbackServerContext* context,
                                           const control::v1::StartRecordingRequest* request,
                                           control::v1::StartRecordingResponse* response) override;
  grpc::ServerUnaryReactor* StopRecording(grpc::CallbackServerContext* context,
                                          const control::v1::StopRecordingRequest* request,
                                          control::v1::StopRecordingResponse* response) override;
  grpc::ServerUnaryReactor* EndCall(grpc::CallbackServerContext* context, const control::v1::EndCallRequest* request,
                                    control::v1::EndCallResponse* response) override;
  grpc::ServerWriteReactor<control::v1::WatchCallsResponse>* WatchCalls(
      grpc::CallbackServerContext* context, const control::v1::WatchCallsRequest* request) override;

 private:
  Parts parts_;
};

}  // namespace trunkline::gateway
