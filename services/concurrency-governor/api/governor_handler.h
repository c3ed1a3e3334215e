// GovernorService on gRPC. What the dial of a call waits for answers from the decision loop's thread; no thread of gRPC
// waits meanwhile.
#pragma once

#include "libs/rpc/arena_messages.h"
#include "libs/rpc/late_methods.h"
#include "libs/rpc/method.h"
#include "services/concurrency-governor/admission/decision_loop.h"
#include "services/concurrency-governor/api/usage_feed.h"
#include "trunkline/governor/v1/governor_service.grpc.pb.h"

namespace trunkline::governor {

// The methods that answer later.
using LateGovernorService = v1::GovernorService::WithCallbackMethod_AcquireSlots<
    v1::GovernorService::WithCallbackMethod_BindSlot<v1::GovernorService::WithCallbackMethod_RenewSlots<
        v1::GovernorService::WithCallbackMethod_ReleaseSlot<v1::GovernorService::WithCallbackMethod_ReleaseSlots<
            v1::GovernorService::WithCallbackMethod_WatchUsage<v1::GovernorService::Service>>>>>>;

class GovernorHandler final : public LateGovernorService {
 public:
  struct Parts {  // all of them outlive the handler
    const rpc::Methods& methods;
    const rpc::LateMethods& late_methods;
    DecisionLoop& loop;
    UsageFeed& feed;
    GovernorMetrics& metrics;
  };

  explicit GovernorHandler(Parts parts) : parts_(parts) {
    SetMessageAllocatorFor_AcquireSlots(&acquire_messages_);
    SetMessageAllocatorFor_ReleaseSlot(&release_messages_);
    SetMessageAllocatorFor_ReleaseSlots(&release_all_messages_);
  }

  grpc::ServerUnaryReactor* AcquireSlots(grpc::CallbackServerContext* context, const v1::AcquireSlotsRequest* request,
                                         v1::AcquireSlotsResponse* response) override;
  grpc::ServerUnaryReactor* BindSlot(grpc::CallbackServerContext* context, const v1::BindSlotRequest* request,
                                     v1::BindSlotResponse* response) override;
  grpc::ServerUnaryReactor* RenewSlots(grpc::CallbackServerContext* context, const v1::RenewSlotsRequest* request,
                                       v1::RenewSlotsResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseSlot(grpc::CallbackServerContext* context, const v1::ReleaseSlotRequest* request,
                                        v1::ReleaseSlotResponse* response) override;
  grpc::ServerUnaryReactor* ReleaseSlots(grpc::CallbackServerContext* context, const v1::ReleaseSlotsRequest* request,
                                         v1::ReleaseSlotsResponse* response) override;
  grpc::ServerWriteReactor<v1::WatchUsageResponse>* WatchUsage(grpc::CallbackServerContext* context,
                                                               const v1::WatchUsageRequest* request) override;
  grpc::Status GetUsage(grpc::ServerContext* context, const v1::GetUsageRequest* request,
                        v1::GetUsageResponse* response) override;
  grpc::Status SetLimits(grpc::ServerContext* context, const v1::SetLimitsRequest* request,
                         v1::SetLimitsResponse* response) override;
  grpc::Status GetLimits(grpc::ServerContext* context, const v1::GetLimitsRequest* request,
                         v1::GetLimitsResponse* response) override;
  grpc::Status Explain(grpc::ServerContext* context, const v1::ExplainRequest* request,
                       v1::ExplainResponse* response) override;
  grpc::Status NoteRefusal(grpc::ServerContext* context, const v1::NoteRefusalRequest* request,
                           v1::NoteRefusalResponse* response) override;

 private:
  Parts parts_;
  rpc::ArenaMessages<v1::AcquireSlotsRequest, v1::AcquireSlotsResponse> acquire_messages_;
  rpc::ArenaMessages<v1::ReleaseSlotRequest, v1::ReleaseSlotResponse> release_messages_;
  rpc::ArenaMessages<v1::ReleaseSlotsRequest, v1::ReleaseSlotsResponse> release_all_messages_;
};

}  // namespace trunkline::governor
