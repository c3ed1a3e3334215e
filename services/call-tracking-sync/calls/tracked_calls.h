// Calls of a business at call-tracking platforms: read through memory, database and platform; changed at the platform.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "libs/postgres/pool.h"
#include "libs/rpc/authenticator.h"
#include "libs/tracking/registry.h"
#include "services/call-tracking-sync/calls/call_memory.h"
#include "services/call-tracking-sync/calls/platform_commands.h"
#include "trunkline/tracking/v1/tracking_call_service.pb.h"

namespace trunkline::tracking_sync {

class TrackedCalls {
 public:
  struct Options {
    int most_warmed = 50'000;  // by one request
  };
  // All of them outlive the object. The pool acts for one business at a time.
  TrackedCalls(postgres::Pool& pool, const tracking::Registry& platforms, CallMemory& memory,
               PlatformCommands& commands, Options options)
      : pool_(pool), platforms_(platforms), memory_(memory), commands_(commands), options_(options) {}

  // `limit` bounds the wait for a platform.
  absl::StatusOr<tracking::v1::GetTrackedCallResponse> Get(const rpc::Caller& caller,
                                                           const tracking::v1::GetTrackedCallRequest& request,
                                                           absl::Duration limit);
  absl::StatusOr<tracking::v1::UpdateTrackedCallResponse> Update(const rpc::Caller& caller,
                                                                 const tracking::v1::UpdateTrackedCallRequest& request,
                                                                 absl::Duration limit);
  absl::StatusOr<tracking::v1::WarmTrackedCallsResponse> Warm(std::string_view business_id,
                                                              const tracking::v1::WarmTrackedCallsRequest& request);

 private:
  // Null when it is not in the database.
  absl::StatusOr<CallPtr> Read(std::string_view business_id, std::string_view call_id);

  postgres::Pool& pool_;
  const tracking::Registry& platforms_;
  CallMemory& memory_;
  PlatformCommands& commands_;
  const Options options_;
};

}  // namespace trunkline::tracking_sync
