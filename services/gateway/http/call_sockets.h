// WatchCalls for front ends: ties WebSockets of the HTTP API to the hub. What goes over them is JSON:
//
//   {"type":"started","startedAt":"...","call":{...}}   first; with the call, when a single one is watched
//   {"type":"event","event":{...}}                      each event that comes after that
//   {"type":"pong"}                                     the answer to a client's {"type":"ping"}
//
// No event between the call as it is told and the first event is missed; one that the call contains already may come
// again. A client controls nothing over the socket: the routes of the API do that, with answers and errors of their
// own.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>

#include "absl/status/statusor.h"
#include "libs/base/clock.h"
#include "libs/base/work_queue.h"
#include "libs/http/web_socket.h"
#include "libs/rpc/authenticator.h"
#include "services/gateway/calls/call_event_hub.h"
#include "services/gateway/metrics/gateway_metrics.h"
#include "trunkline/control/v1/call_control_service.pb.h"

namespace trunkline::gateway {

// The subprotocol of the messages above.
inline constexpr std::string_view kSocketProtocol = "trunkline.v1";

// Codes of a close that are ours; the reasons of all closes are those of docs/errors.md.
enum CallSocketClose : uint16_t {
  kInvalidMessage = 4400,   // the client sent something else than a ping
  kUnauthenticated = 4401,  // the API key was revoked meanwhile
};

class CallSockets {
 public:
  struct Parts {  // all of them outlive the object, and the object outlives its sockets
    rpc::Authenticator& authenticator;
    CallEventHub& hub;
    // A call of a business; may block.
    std::function<absl::StatusOr<control::v1::Call>(const std::string& business_id, const std::string& call_id)> find;
    GatewayMetrics& metrics;
    const Clock& clock;
    std::function<absl::Status()> source;  // OK while the events arrive
    size_t queue;                          // messages that may wait for one client
    int starters = 4;                      // threads that look up keys and calls
    size_t starting = 20'000;              // sockets that may wait for one of them
  };
  struct Question {
    std::string key;
    std::string traceparent;
    control::v1::WatchCallsRequest watch;  // of a single call when it names one
  };
  // With a socket that is to be opened, whose first message waits in it already, or why there is none.
  using Done = std::function<void(absl::StatusOr<std::shared_ptr<http::WebSocket>>)>;

  explicit CallSockets(Parts parts);
  ~CallSockets();

  // Does not block. `done` is called once, perhaps on a thread of the work queue.
  void Open(Question question, const Done& done);
  // Closes the sockets whose keys have been revoked. May block.
  absl::Status CheckKeys();

 private:
  class Watcher;

  absl::StatusOr<std::shared_ptr<http::WebSocket>> Watch(const Question& question);
  absl::Status Start(const std::shared_ptr<Watcher>& watcher, const WatchFilter& filter);
  void Note(const std::shared_ptr<Watcher>& watcher);
  void Forget(const std::shared_ptr<Watcher>& watcher, uint16_t code);

  const Parts parts_;
  std::mutex mutex_;
  std::unordered_set<std::shared_ptr<Watcher>> open_;
  WorkQueue starts_;  // ends first
};

}  // namespace trunkline::gateway
