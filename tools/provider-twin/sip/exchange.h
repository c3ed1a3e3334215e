// The simulated exchange: what it does with its channels, so that their events come in the order in which Asterisk
// tells them. The dialled number's story is in script.h. Used on the scheduler only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "tools/provider-twin/sip/channel.h"
#include "tools/provider-twin/sip/dialing.h"
#include "tools/provider-twin/sip/live_channels.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::sip {

struct InboundOrder {
  std::string account;
  std::string from;
  std::string to;
  std::string agent = "202";
  absl::Duration gives_up = absl::InfiniteDuration();  // the caller, while it rings
};

class Exchange {
 public:
  // The world outlives the exchange.
  Exchange(World& world, LiveChannels::Listener listener)
      : world_(world), channels_(world, std::move(listener)), dialing_(channels_) {}

  void Originate(const OriginateOrder& order);
  // The first channel.
  ChannelPtr Receive(const InboundOrder& order);

  // The party behind the channel leaves (HangupRequest first), or the exchange ends it.
  void HangUpByParty(const ChannelPtr& channel);
  void HangUp(const ChannelPtr& channel, int cause);
  void Redirect(const ChannelPtr& channel, const std::string& context, const std::string& exten);
  void Park(const ChannelPtr& channel);
  // Both take the channel of the party that leaves. False when it talks to nobody.
  bool TransferBlind(const ChannelPtr& transferer, const std::string& context, const std::string& exten);
  bool TransferAttended(const ChannelPtr& transferer, const std::string& exten);
  bool CancelTransfer(const ChannelPtr& transferer);
  void SetHold(const ChannelPtr& channel, bool held);
  void Press(const ChannelPtr& channel, std::string_view digit, bool sent);
  void SetRecording(const ChannelPtr& channel, bool on);
  void ReportLine(const ChannelPtr& channel, int lost, int jitter, std::string_view round_trip);

  LiveChannels& channels() { return channels_; }
  int64_t calls_placed() const { return calls_placed_; }
  void Reset();

 private:
  struct Consultation {
    ChannelPtr customer;
    ChannelPtr target;
  };

  // What the dialplan does for an answered channel at an extension: a number is called and connected, at "agent" and
  // "agent-long" the agent's phone, for the talk of the party's story and for its patience; at "wait" it waits for as
  // long as the party likes; at any other it talks and hangs up.
  void Run(const ChannelPtr& channel, const std::string& exten);
  // The target of an attended transfer was reached, or was not.
  void Consult(const ChannelPtr& transferer, const ChannelPtr& target, bool taken, int why);
  void Talk(const ChannelPtr& channel, absl::Duration length);

  World& world_;
  LiveChannels channels_;
  Dialing dialing_;
  // Attended transfers under way, by the transferer's Uniqueid.
  std::map<std::string, Consultation, std::less<>> consultations_;
  int64_t calls_placed_ = 0;
};

}  // namespace trunkline::twin::sip
