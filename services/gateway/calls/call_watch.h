// WatchCalls: ties a stream of the gRPC API to the hub.
#pragma once

#include <functional>
#include <string>

#include "libs/base/clock.h"
#include "libs/base/work_queue.h"
#include "libs/rpc/authenticator.h"
#include "libs/rpc/stream_writer.h"
#include "services/gateway/calls/call_event_hub.h"
#include "services/gateway/metrics/gateway_metrics.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

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
  absl::StatusOr<WatchFilter> FilterOf(const std::string& key, const control::v1::WatchCallsRequest& request);

  Parts parts_;
};

}  // namespace trunkline::gateway
