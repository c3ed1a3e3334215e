#include "services/gateway/api/call_control_handler.h"

#include "libs/base/status.h"

namespace trunkline::gateway {

using rpc::Caller;

// Here, because what they compile of gRPC for each method takes seconds.
CallControlHandler::CallControlHandler(Parts parts) : parts_(parts) {}
CallControlHandler::~CallControlHandler() = default;

grpc::ServerUnaryReactor* CallControlHandler::InitiateCall(grpc::CallbackServerContext* context,
                                                           const control::v1::InitiateCallRequest* request,
                                                           control::v1::InitiateCallResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/InitiateCall", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.pipeline.Initiate(caller, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::InitiateCalls(grpc::CallbackServerContext* context,
                                                            const control::v1::InitiateCallsRequest* request,
                                                            control::v1::InitiateCallsResponse* response) {
  return parts_.methods.Unary("CallControlService/InitiateCalls", context,
                              [this, request, response](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.bulk.Initiate(caller, *request));
                                return absl::OkStatus();
                              });
}

grpc::ServerUnaryReactor* CallControlHandler::GetCall(grpc::CallbackServerContext* context,
                                                      const control::v1::GetCallRequest* request,
                                                      control::v1::GetCallResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/GetCall", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.reader.Get(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::GetCallTimeline(grpc::CallbackServerContext* context,
                                                              const control::v1::GetCallTimelineRequest* request,
                                                              control::v1::GetCallTimelineResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/GetCallTimeline", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response, parts_.timeline.Of(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::ListCalls(grpc::CallbackServerContext* context,
                                                        const control::v1::ListCallsRequest* request,
                                                        control::v1::ListCallsResponse* response) {
  return parts_.methods.Unary("CallControlService/ListCalls", context,
                              [this, request, response](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.reader.List(caller.business_id, *request));
                                return absl::OkStatus();
                              });
}

grpc::ServerUnaryReactor* CallControlHandler::SyncCall(grpc::CallbackServerContext* context,
                                                       const control::v1::SyncCallRequest* request,
                                                       control::v1::SyncCallResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/SyncCall", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Sync(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::ExplainCall(grpc::CallbackServerContext* context,
                                                          const control::v1::ExplainCallRequest* request,
                                                          control::v1::ExplainCallResponse* response) {
  return parts_.methods.Unary("CallControlService/ExplainCall", context,
                              [this, request, response](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response, parts_.explainer.Explain(caller, request->call()));
                                return absl::OkStatus();
                              });
}

grpc::ServerUnaryReactor* CallControlHandler::UpdateCall(grpc::CallbackServerContext* context,
                                                         const control::v1::UpdateCallRequest* request,
                                                         control::v1::UpdateCallResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/UpdateCall", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Update(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::AnswerCall(grpc::CallbackServerContext* context,
                                                         const control::v1::AnswerCallRequest* request,
                                                         control::v1::AnswerCallResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/AnswerCall", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Answer(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::HoldCall(grpc::CallbackServerContext* context,
                                                       const control::v1::HoldCallRequest* request,
                                                       control::v1::HoldCallResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/HoldCall", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Hold(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::ResumeCall(grpc::CallbackServerContext* context,
                                                         const control::v1::ResumeCallRequest* request,
                                                         control::v1::ResumeCallResponse* response) {
  return parts_.methods.Unary("CallControlService/ResumeCall", context,
                              [this, request, response](const Caller& caller) -> absl::Status {
                                TL_ASSIGN_OR_RETURN(*response->mutable_call(),
                                                    parts_.controller.Resume(caller.business_id, request->call_id()));
                                return absl::OkStatus();
                              });
}

grpc::ServerUnaryReactor* CallControlHandler::TransferCall(grpc::CallbackServerContext* context,
                                                           const control::v1::TransferCallRequest* request,
                                                           control::v1::TransferCallResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/TransferCall", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Transfer(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::CompleteTransfer(grpc::CallbackServerContext* context,
                                                               const control::v1::CompleteTransferRequest* request,
                                                               control::v1::CompleteTransferResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/CompleteTransfer", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(),
                            parts_.controller.CompleteTransfer(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::CancelTransfer(grpc::CallbackServerContext* context,
                                                             const control::v1::CancelTransferRequest* request,
                                                             control::v1::CancelTransferResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/CancelTransfer", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(),
                            parts_.controller.CancelTransfer(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::JoinConference(grpc::CallbackServerContext* context,
                                                             const control::v1::JoinConferenceRequest* request,
                                                             control::v1::JoinConferenceResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/JoinConference", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.JoinConference(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::SendDigits(grpc::CallbackServerContext* context,
                                                         const control::v1::SendDigitsRequest* request,
                                                         control::v1::SendDigitsResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/SendDigits", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.SendDigits(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::PlayMedia(grpc::CallbackServerContext* context,
                                                        const control::v1::PlayMediaRequest* request,
                                                        control::v1::PlayMediaResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/PlayMedia", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Play(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::StopMedia(grpc::CallbackServerContext* context,
                                                        const control::v1::StopMediaRequest* request,
                                                        control::v1::StopMediaResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/StopMedia", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(),
                            parts_.controller.StopPlaying(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::StartRecording(grpc::CallbackServerContext* context,
                                                             const control::v1::StartRecordingRequest* request,
                                                             control::v1::StartRecordingResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/StartRecording", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response, parts_.controller.StartRecording(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::StopRecording(grpc::CallbackServerContext* context,
                                                            const control::v1::StopRecordingRequest* request,
                                                            control::v1::StopRecordingResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/StopRecording", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.StopRecording(caller.business_id, *request));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CallControlHandler::EndCall(grpc::CallbackServerContext* context,
                                                      const control::v1::EndCallRequest* request,
                                                      control::v1::EndCallResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/EndCall", context, [this, request, response](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.ender.End(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<control::v1::WatchCallsResponse>* CallControlHandler::WatchCalls(
    grpc::CallbackServerContext* context, const control::v1::WatchCallsRequest* request) {
  return parts_.watch.Start(rpc::BearerKeyOf(*context), *request);
}

}  // namespace trunkline::gateway
