#include "services/gateway/api/call_control_handler.h"

#include "libs/base/status.h"

namespace trunkline::gateway {

using rpc::Caller;

grpc::Status CallControlHandler::InitiateCall(grpc::ServerContext* context,
                                              const control::v1::InitiateCallRequest* request,
                                              control::v1::InitiateCallResponse* response) {
  return parts_.methods.Unary("CallControlService/InitiateCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.pipeline.Initiate(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::InitiateCalls(grpc::ServerContext* context,
                                               const control::v1::InitiateCallsRequest* request,
                                               control::v1::InitiateCallsResponse* response) {
  return parts_.methods.Unary("CallControlService/InitiateCalls", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.bulk.Initiate(caller, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::GetCall(grpc::ServerContext* context, const control::v1::GetCallRequest* request,
                                         control::v1::GetCallResponse* response) {
  return parts_.methods.Unary("CallControlService/GetCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.reader.Get(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::GetCallTimeline(grpc::ServerContext* context,
                                                 const control::v1::GetCallTimelineRequest* request,
                                                 control::v1::GetCallTimelineResponse* response) {
  return parts_.methods.Unary("CallControlService/GetCallTimeline", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.timeline.Of(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::ListCalls(grpc::ServerContext* context, const control::v1::ListCallsRequest* request,
                                           control::v1::ListCallsResponse* response) {
  return parts_.methods.Unary("CallControlService/ListCalls", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.reader.List(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::SyncCall(grpc::ServerContext* context, const control::v1::SyncCallRequest* request,
                                          control::v1::SyncCallResponse* response) {
  return parts_.methods.Unary("CallControlService/SyncCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Sync(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::ExplainCall(grpc::ServerContext* context,
                                             const control::v1::ExplainCallRequest* request,
                                             control::v1::ExplainCallResponse* response) {
  return parts_.methods.Unary("CallControlService/ExplainCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.explainer.Explain(caller, request->call()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::UpdateCall(grpc::ServerContext* context, const control::v1::UpdateCallRequest* request,
                                            control::v1::UpdateCallResponse* response) {
  return parts_.methods.Unary("CallControlService/UpdateCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Update(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::AnswerCall(grpc::ServerContext* context, const control::v1::AnswerCallRequest* request,
                                            control::v1::AnswerCallResponse* response) {
  return parts_.methods.Unary("CallControlService/AnswerCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Answer(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::HoldCall(grpc::ServerContext* context, const control::v1::HoldCallRequest* request,
                                          control::v1::HoldCallResponse* response) {
  return parts_.methods.Unary("CallControlService/HoldCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Hold(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::ResumeCall(grpc::ServerContext* context, const control::v1::ResumeCallRequest* request,
                                            control::v1::ResumeCallResponse* response) {
  return parts_.methods.Unary("CallControlService/ResumeCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Resume(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::TransferCall(grpc::ServerContext* context,
                                              const control::v1::TransferCallRequest* request,
                                              control::v1::TransferCallResponse* response) {
  return parts_.methods.Unary("CallControlService/TransferCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Transfer(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::CompleteTransfer(grpc::ServerContext* context,
                                                  const control::v1::CompleteTransferRequest* request,
                                                  control::v1::CompleteTransferResponse* response) {
  return parts_.methods.Unary(
      "CallControlService/CompleteTransfer", context, [&](const Caller& caller) -> absl::Status {
        TL_ASSIGN_OR_RETURN(*response->mutable_call(),
                            parts_.controller.CompleteTransfer(caller.business_id, request->call_id()));
        return absl::OkStatus();
      });
}

grpc::Status CallControlHandler::CancelTransfer(grpc::ServerContext* context,
                                                const control::v1::CancelTransferRequest* request,
                                                control::v1::CancelTransferResponse* response) {
  return parts_.methods.Unary("CallControlService/CancelTransfer", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(),
                        parts_.controller.CancelTransfer(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::JoinConference(grpc::ServerContext* context,
                                                const control::v1::JoinConferenceRequest* request,
                                                control::v1::JoinConferenceResponse* response) {
  return parts_.methods.Unary("CallControlService/JoinConference", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.JoinConference(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::SendDigits(grpc::ServerContext* context, const control::v1::SendDigitsRequest* request,
                                            control::v1::SendDigitsResponse* response) {
  return parts_.methods.Unary("CallControlService/SendDigits", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.SendDigits(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::PlayMedia(grpc::ServerContext* context, const control::v1::PlayMediaRequest* request,
                                           control::v1::PlayMediaResponse* response) {
  return parts_.methods.Unary("CallControlService/PlayMedia", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.Play(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::StopMedia(grpc::ServerContext* context, const control::v1::StopMediaRequest* request,
                                           control::v1::StopMediaResponse* response) {
  return parts_.methods.Unary("CallControlService/StopMedia", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(),
                        parts_.controller.StopPlaying(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::StartRecording(grpc::ServerContext* context,
                                                const control::v1::StartRecordingRequest* request,
                                                control::v1::StartRecordingResponse* response) {
  return parts_.methods.Unary("CallControlService/StartRecording", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response, parts_.controller.StartRecording(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::StopRecording(grpc::ServerContext* context,
                                               const control::v1::StopRecordingRequest* request,
                                               control::v1::StopRecordingResponse* response) {
  return parts_.methods.Unary("CallControlService/StopRecording", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.controller.StopRecording(caller.business_id, *request));
    return absl::OkStatus();
  });
}

grpc::Status CallControlHandler::EndCall(grpc::ServerContext* context, const control::v1::EndCallRequest* request,
                                         control::v1::EndCallResponse* response) {
  return parts_.methods.Unary("CallControlService/EndCall", context, [&](const Caller& caller) -> absl::Status {
    TL_ASSIGN_OR_RETURN(*response->mutable_call(), parts_.ender.End(caller.business_id, request->call_id()));
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<control::v1::WatchCallsResponse>* CallControlHandler::WatchCalls(
    grpc::CallbackServerContext* context, const control::v1::WatchCallsRequest* request) {
  return parts_.watch.Start(rpc::BearerKeyOf(*context), *request);
}

}  // namespace trunkline::gateway
