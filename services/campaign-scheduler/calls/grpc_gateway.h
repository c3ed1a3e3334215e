// The gateway over gRPC, with the service token.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "services/campaign-scheduler/calls/gateway.h"
#include "trunkline/control/v1/call_control_service.grpc.pb.h"
#include "trunkline/control/v1/call_inquiry_service.grpc.pb.h"

namespace trunkline::scheduler {

class GrpcGateway final : public Gateway {
 public:
  struct Options {
    std::string address;
    std::string service_token;
    absl::Duration timeout = absl::Seconds(30);  // for one answer
  };

  explicit GrpcGateway(Options options);
  // Cancels the questions under way, and waits for their callbacks.
  ~GrpcGateway() override;

  void InitiateCall(const std::string& business_id, const control::v1::InitiateCallRequest& request,
                    std::function<void(absl::StatusOr<control::v1::Call>)> done) override;
  void FindDial(const std::string& business_id, const std::string& request_id,
                std::function<void(absl::StatusOr<FoundDial>)> done) override;
  void InquireCall(const std::string& business_id, const std::string& call_id,
                   std::function<void(absl::StatusOr<bool>)> done) override;
  void EndCall(const std::string& business_id, const std::string& call_id,
               std::function<void(absl::Status)> done) override;
  void UpdateCall(const std::string& business_id, const std::string& call_id, const plans::v1::CallPlan& plan,
                  std::function<void(absl::Status)> done) override;

 private:
  template <typename Request, typename Response>
  struct Question;
  // `start` begins the call on a stub with what it is given; `done` hears of its answer.
  template <typename Request, typename Response, typename Start>
  void Ask(const std::string& business_id, Request request, Start start,
           std::function<void(const absl::Status&, const Response&)> done);

  const Options options_;
  const std::unique_ptr<control::v1::CallControlService::Stub> control_;
  const std::unique_ptr<control::v1::CallInquiryService::Stub> inquiry_;
  std::mutex mutex_;
  bool ending_ = false;
  std::set<grpc::ClientContext*> under_way_;
  std::condition_variable ended_;
};

}  // namespace trunkline::scheduler
