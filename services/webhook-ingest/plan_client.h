// Asks the gateway for call plans, without making a thread wait.
#pragma once

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/providers/account.h"
#include "libs/providers/provider.h"
#include "trunkline/plans/v1/call_plan_service.grpc.pb.h"

namespace trunkline::webhook_ingest {

// What answers for the gateway; tests have their own.
class PlanSource {
 public:
  using OnPlan = std::function<void(absl::StatusOr<plans::v1::CallPlan>)>;

  virtual ~PlanSource() = default;
  // Calls `on_plan` once, on any thread, within the source's time-out.
  virtual void Ask(const providers::Account& account, const providers::WebhookSubject& subject, OnPlan on_plan) = 0;
};

class PlanClient final : public PlanSource {
 public:
  PlanClient(std::shared_ptr<grpc::Channel> channel, std::string service_token, absl::Duration timeout);
  void Ask(const providers::Account& account, const providers::WebhookSubject& subject, OnPlan on_plan) override;

 private:
  std::unique_ptr<plans::v1::CallPlanService::Stub> stub_;
  std::string service_token_;
  absl::Duration timeout_;
};

}  // namespace trunkline::webhook_ingest
