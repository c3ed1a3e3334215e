// WatchCalls: ties a stream of the gRPC API to the hub. For other ways to watch, what all of them check.
#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/base/work_queue.h"
#include "libs/rpc/authenticator.h"
#include "libs/rpc/stream_writer.h"
#include "services/gateway/calls/call_event_hub.h"
#include "services/gateway/metrics/gateway_metrics.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

// What a request wants to watch of its business. INVALID_ARGUMENT.
absl::StatusOr<WatchFilter> FilterOf(const std::string& business_id, const control::v1::WatchCallsRequest& request);

// UNAVAILABLE for watchers when the source of the events does not follow them.
absl::Status CheckFollowed(const absl::Status& source);

class CallWatch {
 public:
  struct Parts {  // all of them outlive the object, and the object outlives its streams
    rpc::Authenticator& authenticator;
    CallEventHub& hub;
    WorkQueue& work;  // authentication may ask the database
    GatewayMetrics& metrics;
    const Clock& clock;
    std::function<absl::Status()> source;  // OK while the events arrive
    size_t queue;                          // events that may wait for one watcher
  };
  using Stream = rpc::StreamWriter<control::v1::WatchCallsResponse>;

  explicit CallWatch(Parts parts) : parts_(std::move(parts)) {}

  // A stream for the owner of an API key. Does not block; what is wrong becomes the stream's end.
  Stream* Start(const std::string& key, const control::v1::WatchCallsRequest& request);

 private:
  absl::StatusOr<WatchFilter> Check(const std::string& key, const control::v1::WatchCallsRequest& request);

  Parts parts_;
};

}  // namespace trunkline::gateway
