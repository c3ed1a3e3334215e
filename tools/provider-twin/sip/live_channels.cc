#include "tools/provider-twin/sip/live_channels.h"

#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::twin::sip {

ChannelPtr LiveChannels::Make(const std::string& account, std::string_view resource, int state) {
  auto channel = std::make_shared<Channel>();
  channel->account = account;
  channel->uniqueid = Concat(absl::ToUnixSeconds(world_.scheduler.Now()), ".", next_channel_);
  channel->linkedid = channel->uniqueid;
  channel->name = Concat("PJSIP/", resource, absl::StrFormat("-%08x", next_channel_++));
  channel->state = state;
  channel->created = world_.scheduler.Now();
  return channel;
}

void LiveChannels::Add(const ChannelPtr& channel) {
  channels_[channel->name] = channel;
  Tell(*channel, "call", "Newchannel");
}

void LiveChannels::End(const ChannelPtr& channel, int cause, int sip_code) {
  if (channel->gone) return;
  channel->gone = true;
  channels_.erase(channel->name);
  Tell(*channel, "call", "Hangup", [&](AmiText* text) {
    text->Add("Cause", Concat(cause));
    text->Add("Cause-txt", cause == 16 ? "Normal Clearing" : "Unknown");
    if (sip_code != 0) text->Add("TechCause", Concat(sip_code));
  });
}

void LiveChannels::SetState(const ChannelPtr& channel, int state) {
  channel->state = state;
  if (state == kUp) channel->answered = world_.scheduler.Now();
  Tell(*channel, "call", "Newstate");
}

void LiveChannels::Bridge(const ChannelPtr& one, const ChannelPtr& two) {
  Leave(one);
  Leave(two);
  const std::string bridge = NewUuid(world_.scheduler.Now());
  int count = 0;
  for (const ChannelPtr& channel : {two, one}) {
    channel->bridge = bridge;
    ++count;
    Tell(*channel, "call", "BridgeEnter", [&](AmiText* text) {
      text->Add("BridgeUniqueid", bridge).Add("BridgeType", "basic").Add("BridgeNumChannels", Concat(count));
    });
  }
}

void LiveChannels::Leave(const ChannelPtr& channel) {
  if (channel->bridge.empty()) return;
  const std::string bridge = std::exchange(channel->bridge, "");
  Tell(*channel, "call", "BridgeLeave", [&](AmiText* text) { text->Add("BridgeUniqueid", bridge); });
}

ChannelPtr LiveChannels::OtherOf(const ChannelPtr& channel) const {
  if (channel->bridge.empty()) return nullptr;
  for (const auto& [name, other] : channels_) {
    if (other != channel && other->bridge == channel->bridge) return other;
  }
  return nullptr;
}

void LiveChannels::Later(absl::Duration delay, const ChannelPtr& channel, std::function<void()> task) {
  world_.scheduler.After(world_.Scaled(delay), [channel, task = std::move(task)] {
    if (!channel->gone) task();
  });
}

void LiveChannels::Tell(const Channel& channel, std::string_view event_class, std::string_view event, const Rest& rest,
                        std::string_view prefix) {
  TellPlain(channel.account, event_class, event, /*stamped=*/true, [&](AmiText* text) {
    AddSnapshot(channel, prefix, text);
    if (rest != nullptr) rest(text);
  });
}

void LiveChannels::TellDial(std::string_view event, const ChannelPtr& caller, const ChannelPtr& leg,
                            std::string_view key, std::string_view value) {
  const auto finish = [&](AmiText* text) { text->Add(key, value); };
  if (caller == nullptr) {
    Tell(*leg, "call", event, finish, "Dest");
    return;
  }
  Tell(*caller, "call", event, [&](AmiText* text) {
    AddSnapshot(*leg, "Dest", text);
    finish(text);
  });
}

void LiveChannels::TellPlain(const std::string& account, std::string_view event_class, std::string_view event,
                             bool stamped, const Rest& rest) {
  AmiText text("Event", event);
  text.Add("Privilege", Concat(event_class, ",all"));
  if (stamped) {
    const int64_t micros = absl::ToUnixMicros(world_.scheduler.Now());
    text.Add("Timestamp", absl::StrFormat("%d.%06d", micros / 1'000'000, micros % 1'000'000));
  }
  rest(&text);
  listener_(account, event_class, text);
}

ChannelPtr LiveChannels::FindByName(std::string_view account, std::string_view name) const {
  const auto found = channels_.find(name);
  return found == channels_.end() || found->second->account != account ? nullptr : found->second;
}

std::vector<ChannelPtr> LiveChannels::OfAccount(std::string_view account) const {
  std::vector<ChannelPtr> live;
  for (const auto& [name, channel] : channels_) {
    if (channel->account == account) live.push_back(channel);
  }
  return live;
}

std::vector<ChannelPtr> LiveChannels::OfCall(std::string_view linkedid) const {
  std::vector<ChannelPtr> channels;
  for (const auto& [name, channel] : channels_) {
    if (channel->linkedid == linkedid) channels.push_back(channel);
  }
  return channels;
}

void LiveChannels::Reset() {
  for (const auto& [name, channel] : channels_) channel->gone = true;
  channels_.clear();
}

}  // namespace trunkline::twin::sip
