// The channels that the simulated exchange has, and the events that it tells of them in the words of Asterisk. Used on
// the scheduler only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "tools/provider-twin/sip/channel.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::sip {

class LiveChannels {
 public:
  // Told of every event: whose, its class, and the event.
  using Listener = std::function<void(const std::string& account, std::string_view event_class, const AmiText& event)>;
  // Adds what an event says besides its channel.
  using Rest = std::function<void(AmiText*)>;

  // The world outlives the channels.
  LiveChannels(World& world, Listener listener) : world_(world), listener_(std::move(listener)) {}

  // A channel that nobody has heard of yet: the caller fills it in and passes it to Add().
  ChannelPtr Make(const std::string& account, std::string_view resource, int state);
  void Add(const ChannelPtr& channel);
  // It is gone, unless it was before.
  void End(const ChannelPtr& channel, int cause, int sip_code);
  void SetState(const ChannelPtr& channel, int state);
  // Both leave the bridges that they are in for a new one.
  void Bridge(const ChannelPtr& one, const ChannelPtr& two);
  void Leave(const ChannelPtr& channel);
  // Whom it talks to; null: nobody.
  ChannelPtr OtherOf(const ChannelPtr& channel) const;

  // Runs `task` later unless the channel has gone by then.
  void Later(absl::Duration delay, const ChannelPtr& channel, std::function<void()> task);

  void Tell(const Channel& channel, std::string_view event_class, std::string_view event, const Rest& rest = nullptr,
            std::string_view prefix = "");
  // An event about `caller` and the leg that is dialled for it; what Originate dials has no caller.
  void TellDial(std::string_view event, const ChannelPtr& caller, const ChannelPtr& leg, std::string_view key,
                std::string_view value);
  // An event that shows no channel, or shows it in a way of its own. `stamped`: it has a time.
  void TellPlain(const std::string& account, std::string_view event_class, std::string_view event, bool stamped,
                 const Rest& rest);

  ChannelPtr FindByName(std::string_view account, std::string_view name) const;
  std::vector<ChannelPtr> OfAccount(std::string_view account) const;
  std::vector<ChannelPtr> OfCall(std::string_view linkedid) const;
  // All are gone, and nothing is told of it.
  void Reset();

 private:
  World& world_;
  Listener listener_;
  std::map<std::string, ChannelPtr, std::less<>> channels_;  // by name
  int64_t next_channel_ = 0;
};

}  // namespace trunkline::twin::sip
