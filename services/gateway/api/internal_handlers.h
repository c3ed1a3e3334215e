// The methods for Trunkline's own services that answer once: call plans, the audit of refused webhooks, and what has
// become of calls and of requests for them.
#pragma once

#include "libs/rpc/method.h"
#include "services/gateway/api/refused_webhook_store.h"
#include "services/gateway/calls/call_plan_store.h"
#include "services/gateway/control/call_controller.h"
#include "trunkline/audit/v1/refused_webhook_service.grpc.pb.h"
#include "trunkline/control/v1/call_inquiry_service.grpc.pb.h"
#include "trunkline/plans/v1/call_plan_service.grpc.pb.h"

namespace trunkline::gateway {

class CallPlanHandler final : public plans::v1::CallPlanService::Service {
 public:
  // `methods` authenticates by service token. Both outlive the handler.
  CallPlanHandler(const rpc::Methods& methods, CallPlanStore& plans) : methods_(methods), plans_(plans) {}

  grpc::Status GetCallPlan(grpc::ServerContext* context, const plans::v1::GetCallPlanRequest* request,
                           plans::v1::GetCallPlanResponse* response) override;

 private:
  const rpc::Methods& methods_;
  CallPlanStore& plans_;
};

class RefusedWebhookHandler final : public audit::v1::RefusedWebhookService::Service {
 public:
  // `methods` authenticates by service token. Both outlive the handler.
  RefusedWebhookHandler(const rpc::Methods& methods, RefusedWebhookStore& refused)
      : methods_(methods), refused_(refused) {}

  grpc::Status RecordRefusedWebhooks(grpc::ServerContext* context,
                                     const audit::v1::RecordRefusedWebhooksRequest* request,
                                     audit::v1::RecordRefusedWebhooksResponse* response) override;

 private:
  const rpc::Methods& methods_;
  RefusedWebhookStore& refused_;
};

class CallInquiryHandler final : public control::v1::CallInquiryService::Service {
 public:
  // `methods` authenticates by service token. Both outlive the handler.
  CallInquiryHandler(const rpc::Methods& methods, CallController& controller, DialLedger& ledger, CallReader& reader)
      : methods_(methods), controller_(controller), ledger_(ledger), reader_(reader) {}

  grpc::Status InquireCall(grpc::ServerContext* context, const control::v1::InquireCallRequest* request,
                           control::v1::InquireCallResponse* response) override;
  grpc::Status FindDial(grpc::ServerContext* context, const control::v1::FindDialRequest* request,
                        control::v1::FindDialResponse* response) override;

 private:
  const rpc::Methods& methods_;
  CallController& controller_;
  DialLedger& ledger_;
  CallReader& reader_;
};

}  // namespace trunkline::gateway
