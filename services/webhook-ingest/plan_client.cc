#include "services/webhook-ingest/plan_client.h"

#include <utility>

#include "libs/rpc/channel.h"
#include "libs/rpc/grpc_status.h"

namespace trunkline::webhook_ingest {
namespace {

// Lives from the question to the answer.
struct Question {
  grpc::ClientContext context;
  plans::v1::GetCallPlanRequest request;
  plans::v1::GetCallPlanResponse response;
};

}  // namespace

PlanClient::PlanClient(std::shared_ptr<grpc::Channel> channel, std::string service_token, absl::Duration timeout)
    : stub_(plans::v1::CallPlanService::NewStub(std::move(channel))),
      service_token_(std::move(service_token)),
      timeout_(timeout) {}

void PlanClient::Ask(const providers::Account& account, const providers::WebhookSubject& subject, OnPlan on_plan) {
  const auto question = std::make_shared<Question>();
  rpc::Prepare(&question->context, timeout_, service_token_);
  // A gateway that starts again within the time gives the plan; who is on the line hears no fallback for that.
  question->context.set_wait_for_ready(true);
  plans::v1::GetCallPlanRequest& request = question->request;
  request.set_business_id(account.business_id);
  request.set_provider_account_id(account.id);
  request.set_call_id(subject.call_id);
  request.set_external_call_id(subject.external_call_id);
  request.set_inbound(subject.inbound);
  request.set_from(subject.from);
  request.set_to(subject.to);
  request.set_step(subject.step);
  request.set_digits(subject.digits);
  request.set_speech(subject.speech);
  stub_->async()->GetCallPlan(&question->context, &question->request, &question->response,
                              [question, deliver = std::move(on_plan)](const grpc::Status& status) {
                                if (status.ok()) {
                                  deliver(std::move(*question->response.mutable_plan()));
                                } else {
                                  deliver(rpc::FromGrpc(status));
                                }
                              });
}

}  // namespace trunkline::webhook_ingest
