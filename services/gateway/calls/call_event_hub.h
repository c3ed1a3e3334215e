// Hands each call event to the watchers that asked for it.
//
// An event is parsed once and shared. Watchers are found by business, and those that follow single calls by the call,
// so that an event costs as much as it has watchers. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "services/gateway/calls/call_update.h"
#include "services/gateway/metrics/gateway_metrics.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

// Which events a watcher wants.
struct WatchFilter {
  std::string business_id;
  std::set<std::string> call_ids;  // empty: all
  std::string campaign_id;         // empty: any
  std::set<int> types;             // empty: all

  // Of an event of the business, and of one of the calls.
  bool Wants(const events::v1::CallEvent& event) const;
};

// The receiving end of a watch. Its functions must not block.
class CallWatcher {
 public:
  using Update = std::shared_ptr<const CallUpdate>;
  virtual ~CallWatcher() = default;
  virtual void Offer(const Update& update) = 0;
  virtual void End(const absl::Status& status) = 0;
};

class CallEventHub {
 public:
  // `most` watchers at the same time. The metrics outlive the hub.
  CallEventHub(size_t most, GatewayMetrics& metrics) : most_(most), metrics_(metrics) {}

  // Every event that is published from now on and passes the filter is offered. RESOURCE_EXHAUSTED LIMIT_REACHED;
  // UNAVAILABLE SHUTTING_DOWN after Close().
  absl::Status Register(const std::shared_ptr<CallWatcher>& watcher, const WatchFilter& filter);
  // Does nothing for one that is not registered.
  void Unregister(const std::shared_ptr<CallWatcher>& watcher);

  void Publish(events::v1::CallEvent event);

  // Ends every watcher, and each that comes later, with UNAVAILABLE SHUTTING_DOWN.
  void Close();

 private:
  using Watchers = std::unordered_map<std::shared_ptr<CallWatcher>, std::shared_ptr<const WatchFilter>>;
  struct Business {
    Watchers of_all_calls;
    std::unordered_map<std::string, Watchers> of_call;
  };

  const size_t most_;
  GatewayMetrics& metrics_;
  std::mutex mutex_;
  bool closed_ = false;
  Watchers all_;
  std::unordered_map<std::string, Business> businesses_;
};

}  // namespace trunkline::gateway
