#include "services/gateway/http/call_sockets.h"

#include <utility>
#include <vector>

#include "libs/base/json.h"
#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/base/trace.h"
#include "libs/rpc/method.h"
#include "services/gateway/calls/call_watch.h"
#include "services/gateway/http/transcoding.h"

namespace trunkline::gateway {
namespace {

using control::v1::WatchCallsResponse;
using Json = nlohmann::json;

constexpr std::string_view kMethod = "CallControlService/WatchCalls";
constexpr std::string_view kPong = R"({"type":"pong"})";

std::string EventText(const WatchCallsResponse& message) {
  const absl::StatusOr<std::string> event = JsonOf(message.event());
  if (!event.ok()) {
    LogError("a call event has no JSON", {{"call_id", message.event().call_id()}, {"error", event.status()}});
    return {};
  }
  return Concat(R"({"type":"event","event":)", *event, "}");
}

absl::StatusOr<std::string> StartedText(absl::Time at, const control::v1::Call* call) {
  const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone());
  if (call == nullptr) return Concat(R"({"type":"started","startedAt":")", time, "\"}");
  TL_ASSIGN_OR_RETURN(const std::string json, JsonOf(*call));
  return Concat(R"({"type":"started","startedAt":")", time, R"(","call":)", json, "}");
}

bool IsPing(const std::string& text) {
  const Json message = ParseJson(text);
  return message.is_object() && message.size() == 1 && message.contains("type") && message["type"] == "ping";
}

}  // namespace

// The hub's view of a socket. What comes before the watch is told to have begun waits here.
class CallSockets::Watcher final : public CallWatcher {
 public:
  explicit Watcher(std::string key) : key_(std::move(key)) {}

  void Attach(const std::shared_ptr<http::WebSocket>& socket) { socket_ = socket; }
  const std::shared_ptr<http::WebSocket>& socket() const { return socket_; }
  const std::string& key() const { return key_; }

  void Begin(std::string started) {
    const std::lock_guard lock(mutex_);
    socket_->Send(std::make_shared<const std::string>(std::move(started)));
    for (const Update& update : early_) Write(update);
    early_.clear();
    has_begun_ = true;
  }
  // A client's message.
  void Answer(const std::string& text) {
    if (!IsPing(text)) return socket_->Close(kInvalidMessage, "INVALID_MESSAGE");
    socket_->Send(std::make_shared<const std::string>(kPong));
  }
  void Offer(const Update& update) override {
    const std::lock_guard lock(mutex_);
    if (has_begun_) return Write(update);
    early_.push_back(update);
  }
  void End(const absl::Status& status) override {
    const bool stops = ReasonOf(status) == Reason::REASON_SHUTTING_DOWN;
    socket_->Close(stops ? http::kGoingAway : http::kServerFault, stops ? "SHUTTING_DOWN" : "INTERNAL");
  }

 private:
  void Write(const Update& update) {
    if (const CallUpdate::Text& text = update->TextBy(EventText); !text->empty()) socket_->Send(text);
  }

  const std::string key_;
  std::shared_ptr<http::WebSocket> socket_;
  std::mutex mutex_;
  std::vector<Update> early_;
  bool has_begun_ = false;
};

CallSockets::CallSockets(Parts parts) : parts_(std::move(parts)), starts_(parts_.starters, parts_.starting) {}
CallSockets::~CallSockets() = default;

void CallSockets::Open(Question question, const Done& done) {
  const bool added = starts_.Add([this, question = std::move(question), done] {
    const TraceScope trace(ChildOf(ParseTraceparent(question.traceparent)));
    auto socket = Watch(question);
    if (!socket.ok()) return done(rpc::ForClient(kMethod, socket.status()));
    done(*std::move(socket));
  });
  if (added) return;
  done(WithRetryAfter(Error(absl::StatusCode::kResourceExhausted, Reason::REASON_LIMIT_REACHED,
                            "too many watches begin at this moment; try again"),
                      absl::Seconds(1)));
}

absl::StatusOr<std::shared_ptr<http::WebSocket>> CallSockets::Watch(const Question& question) {
  TL_ASSIGN_OR_RETURN(const rpc::Caller caller, parts_.authenticator.Authenticate(question.key));
  TL_ASSIGN_OR_RETURN(const WatchFilter filter, FilterOf(caller.business_id, question.watch));
  TL_RETURN_IF_ERROR(CheckFollowed(parts_.source()));
  const auto watcher = std::make_shared<Watcher>(question.key);
  // The socket must not hold its watcher, which holds the socket.
  const std::weak_ptr<Watcher> weak = watcher;
  http::WebSocketEvents events;
  events.on_text = [weak](const std::string& text) {
    if (const auto asked = weak.lock()) asked->Answer(text);
  };
  events.on_closed = [this, weak](uint16_t code) {
    if (const auto closed = weak.lock()) Forget(closed, code);
  };
  auto socket = std::make_shared<http::WebSocket>(
      http::WebSocketOptions{.most_waiting = parts_.queue, .too_slow = "WATCHER_TOO_SLOW"}, std::move(events));
  watcher->Attach(socket);
  // First, so that nothing is missed between the call as it is read and the events.
  TL_RETURN_IF_ERROR(parts_.hub.Register(watcher, filter));
  if (absl::Status started = Start(watcher, filter); !started.ok()) {
    parts_.hub.Unregister(watcher);
    return started;
  }
  Note(watcher);
  return socket;
}

absl::Status CallSockets::Start(const std::shared_ptr<Watcher>& watcher, const WatchFilter& filter) {
  const absl::Time at = parts_.clock.Now();
  if (filter.call_ids.size() != 1) {
    TL_ASSIGN_OR_RETURN(std::string started, StartedText(at, nullptr));
    watcher->Begin(std::move(started));
    return absl::OkStatus();
  }
  TL_ASSIGN_OR_RETURN(const control::v1::Call call, parts_.find(filter.business_id, *filter.call_ids.begin()));
  TL_ASSIGN_OR_RETURN(std::string started, StartedText(at, &call));
  watcher->Begin(std::move(started));
  return absl::OkStatus();
}

void CallSockets::Note(const std::shared_ptr<Watcher>& watcher) {
  const std::lock_guard lock(mutex_);
  open_.insert(watcher);
  parts_.metrics.SetWebSockets(static_cast<int64_t>(open_.size()));
}

void CallSockets::Forget(const std::shared_ptr<Watcher>& watcher, uint16_t code) {
  parts_.hub.Unregister(watcher);
  if (code == http::kTryAgainLater) parts_.metrics.CountSlowWatcher();
  parts_.metrics.CountWebSocketClose(code);
  const std::lock_guard lock(mutex_);
  open_.erase(watcher);
  parts_.metrics.SetWebSockets(static_cast<int64_t>(open_.size()));
}

absl::Status CallSockets::CheckKeys() {
  std::vector<std::shared_ptr<Watcher>> open;
  {
    const std::lock_guard lock(mutex_);
    open.assign(open_.begin(), open_.end());
  }
  for (const auto& watcher : open) {
    const absl::Status known = parts_.authenticator.Authenticate(watcher->key()).status();
    // That nobody can tell now revokes nothing.
    if (!known.ok() && known.code() != absl::StatusCode::kUnauthenticated) return known;
    if (!known.ok()) watcher->socket()->Close(kUnauthenticated, "UNAUTHENTICATED");
  }
  return absl::OkStatus();
}

}  // namespace trunkline::gateway
