#include "services/campaign-scheduler/calls/grpc_gateway.h"

#include <utility>

#include "libs/rpc/authenticator.h"
#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::scheduler {

template <typename Request, typename Response>
struct GrpcGateway::Question {
  grpc::ClientContext context;
  Request request;
  Response response;
  std::function<void(const absl::Status&, const Response&)> done;
};

GrpcGateway::GrpcGateway(Options options)
    : options_(std::move(options)),
      control_(control::v1::CallControlService::NewStub(rpc::MakeChannel(options_.address))),
      inquiry_(control::v1::CallInquiryService::NewStub(rpc::MakeChannel(options_.address))) {}

GrpcGateway::~GrpcGateway() {
  std::unique_lock lock(mutex_);
  ending_ = true;
  for (grpc::ClientContext* context : under_way_) context->TryCancel();
  ended_.wait(lock, [this] { return under_way_.empty(); });
}

template <typename Request, typename Response, typename Start>
void GrpcGateway::Ask(const std::string& business_id, Request request, Start start,
                      std::function<void(const absl::Status&, const Response&)> done) {
  auto question = std::make_shared<Question<Request, Response>>();
  question->request = std::move(request);
  question->done = std::move(done);
  rpc::Prepare(&question->context, options_.timeout, options_.service_token);
  question->context.AddMetadata(rpc::kBusinessMetadata, business_id);
  {
    const std::lock_guard lock(mutex_);
    if (ending_) question->context.TryCancel();
    under_way_.insert(&question->context);
  }
  start(&question->context, &question->request, &question->response, [this, question](const grpc::Status& status) {
    question->done(rpc::FromGrpc(status), question->response);
    const std::lock_guard lock(mutex_);
    under_way_.erase(&question->context);
    ended_.notify_all();
  });
}

void GrpcGateway::InitiateCall(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                               std::function<void(absl::StatusOr<control::v1::Call>)> done) {
  Ask<control::v1::InitiateCallRequest, control::v1::InitiateCallResponse>(
      business_id, request, [this](auto... arguments) { control_->async()->InitiateCall(std::move(arguments)...); },
      [done = std::move(done)](const absl::Status& status, const control::v1::InitiateCallResponse& response) {
        done(status.ok() ? absl::StatusOr<control::v1::Call>(response.call()) : status);
      });
}

void GrpcGateway::FindDial(const std::string& business_id, const std::string& request_id,
                           std::function<void(absl::StatusOr<FoundDial>)> done) {
  control::v1::FindDialRequest request;
  request.set_business_id(business_id);
  request.set_request_id(request_id);
  Ask<control::v1::FindDialRequest, control::v1::FindDialResponse>(
      business_id, std::move(request),
      [this](auto... arguments) { inquiry_->async()->FindDial(std::move(arguments)...); },
      [done = std::move(done)](const absl::Status& status, const control::v1::FindDialResponse& response) {
        if (!status.ok()) return done(status);
        FoundDial found{.call = std::nullopt, .now = telephony::FromProto(response.now())};
        if (response.has_call()) found.call = response.call();
        done(std::move(found));
      });
}

void GrpcGateway::InquireCall(const std::string& business_id, const std::string& call_id,
                              std::function<void(absl::StatusOr<bool>)> done) {
  control::v1::InquireCallRequest request;
  request.set_business_id(business_id);
  request.set_call_id(call_id);
  Ask<control::v1::InquireCallRequest, control::v1::InquireCallResponse>(
      business_id, std::move(request),
      [this](auto... arguments) { inquiry_->async()->InquireCall(std::move(arguments)...); },
      [done = std::move(done)](const absl::Status& status, const control::v1::InquireCallResponse& response) {
        if (!status.ok()) return done(status);
        if (response.life() == control::v1::CALL_LIFE_UNSPECIFIED) {
          return done(absl::UnavailableError("nobody can tell whether the call goes on"));
        }
        done(response.life() == control::v1::CALL_LIFE_ENDED);
      });
}

void GrpcGateway::EndCall(const std::string& business_id, const std::string& call_id,
                          std::function<void(absl::Status)> done) {
  control::v1::EndCallRequest request;
  request.set_call_id(call_id);
  Ask<control::v1::EndCallRequest, control::v1::EndCallResponse>(
      business_id, std::move(request),
      [this](auto... arguments) { control_->async()->EndCall(std::move(arguments)...); },
      [done = std::move(done)](const absl::Status& status, const control::v1::EndCallResponse&) { done(status); });
}

void GrpcGateway::UpdateCall(const std::string& business_id, const std::string& call_id,
                             const plans::v1::CallPlan& plan, std::function<void(absl::Status)> done) {
  control::v1::UpdateCallRequest request;
  request.set_call_id(call_id);
  *request.mutable_plan() = plan;
  Ask<control::v1::UpdateCallRequest, control::v1::UpdateCallResponse>(
      business_id, std::move(request),
      [this](auto... arguments) { control_->async()->UpdateCall(std::move(arguments)...); },
      [done = std::move(done)](const absl::Status& status, const control::v1::UpdateCallResponse&) { done(status); });
}

}  // namespace trunkline::scheduler
