// The telephone exchange behind the API: carries calls on in time and tells what happens. Used on the scheduler only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "tools/provider-twin/exotel/call.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::exotel {

class Exchange {
 public:
  using Ended = std::function<void(const Call& call)>;

  // Both outlive the exchange and what is planned on the scheduler.
  Exchange(World& world, WebhookSender& sender) : world_(world), sender_(sender) {}

  // Starts a call that has its parameters; sid and times are set here. `ended` is told of its end.
  void Place(const CallPtr& call, Ended ended = nullptr);
  // A call comes in and goes through a flow: an applet at its start, one for each input, an agent, the last applet.
  void Receive(const CallPtr& call);
  // Ends the call as if the called party had hung up, or refused; does nothing when it has ended.
  void HangUp(const CallPtr& call);

  const std::deque<CallPtr>& calls() const { return calls_; }
  CallPtr Find(std::string_view account_sid, std::string_view sid) const;
  int64_t added() const { return added_; }
  // Breaks off everything, without telling anybody.
  void Reset();

 private:
  absl::Time Now() const { return world_.scheduler.Now(); }
  void Add(const CallPtr& call);
  // Void when the call has ended meanwhile.
  void Later(const CallPtr& call, absl::Duration simulated, std::function<void()> task);
  void RingLast(const CallPtr& call);
  void Answer(const CallPtr& call);
  void End(const CallPtr& call, std::string_view status, std::string_view reason);
  void NotifyStatus(const Call& call, std::string_view event_type);
  void NotifyFlow(const Call& call, const std::string& url, std::string_view call_type, std::string_view digits);

  World& world_;
  WebhookSender& sender_;
  std::deque<CallPtr> calls_;
  std::map<std::string, Ended> ended_;  // by sid
  int64_t added_ = 0;
};

bool IsFinal(std::string_view status);

}  // namespace trunkline::twin::exotel
