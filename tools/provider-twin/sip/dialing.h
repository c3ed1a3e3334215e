// How the simulated exchange calls a number: its leg rings, and its script (script.h) says what becomes of it. Used on
// the scheduler only.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "tools/provider-twin/sip/channel.h"
#include "tools/provider-twin/sip/live_channels.h"

namespace trunkline::twin::sip {

struct OriginateOrder {
  std::string account;
  std::string action_id;
  std::string channel;  // PJSIP/14155550123@trunk
  std::string context;
  std::string exten;
  std::string channel_id;
  std::string caller_id;  // number
  absl::Duration timeout;
};

class Dialing {
 public:
  // The channels outlive it.
  explicit Dialing(LiveChannels& channels) : channels_(channels) {}

  // For `caller`, who waits meanwhile. Gives the leg; `done` gets whether it was answered, and else the cause.
  using Done = std::function<void(const ChannelPtr& leg, bool answered, int cause)>;
  ChannelPtr Dial(const ChannelPtr& caller, std::string_view resource, const std::string& number, const Script& script,
                  absl::Duration timeout, Done done);

  // For nobody. An OriginateResponse tells how it went; `done` is run when somebody is there.
  void Originate(const OriginateOrder& order, std::function<void(const ChannelPtr& leg)> done);

 private:
  using Rung = std::function<void(bool answered, int cause, std::string_view reason)>;
  void Ring(const ChannelPtr& caller, const ChannelPtr& leg, absl::Duration timeout, const Rung& done);
  void TellOriginated(const OriginateOrder& order, const ChannelPtr& channel, bool success, std::string_view reason);

  LiveChannels& channels_;
};

}  // namespace trunkline::twin::sip
