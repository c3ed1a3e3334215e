// The simulated exchange: channels, and the events that it tells of them in the order in which Asterisk does. The
// dialled number's story is in script.h. Used on the scheduler only.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/provider-twin/sip/channel.h"
#include "tools/provider-twin/world.h"

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

struct InboundOrder {
  std::string account;
  std::string from;
  std::string to;
  std::string agent = "202";
  absl::Duration gives_up = absl::InfiniteDuration();  // the caller, while it rings
};

class Exchange {
 public:
  // Told of every event: whose, its class, and the event.
  using Listener = std::function<void(const std::string& account, std::string_view event_class, const AmiText& event)>;

  // The world outlives the exchange.
  Exchange(World& world, Listener listener) : world_(world), listener_(std::move(listener)) {}

  void Originate(OriginateOrder order);
  // The first channel.
  ChannelPtr Receive(const InboundOrder& order);

  // The party behind the channel leaves (HangupRequest first), or the exchange ends it.
  void HangUpByParty(const ChannelPtr& channel);
  void HangUp(const ChannelPtr& channel, int cause);
  void Redirect(const ChannelPtr& channel, const std::string& context, const std::string& exten);
  void Bridge(const ChannelPtr& one, const ChannelPtr& two);
  void Park(const ChannelPtr& channel);
  // Both take the channel of the party that leaves. False when it talks to nobody.
  bool TransferBlind(const ChannelPtr& transferer, const std::string& context, const std::string& exten);
  bool TransferAttended(const ChannelPtr& transferer, const std::string& exten);
  bool CancelTransfer(const ChannelPtr& transferer);
  void SetHold(const ChannelPtr& channel, bool held);
  void Press(const ChannelPtr& channel, std::string_view digit, bool sent);
  void SetRecording(const ChannelPtr& channel, bool on);
  void ReportLine(const ChannelPtr& channel, int lost, int jitter, std::string_view round_trip);

  ChannelPtr FindByName(std::string_view account, std::string_view name) const;
  std::vector<ChannelPtr> Live(std::string_view account) const;
  std::vector<ChannelPtr> OfCall(std::string_view linkedid) const;
  int64_t calls_placed() const { return calls_placed_; }
  void Reset();

 private:
  struct Consultation {
    ChannelPtr customer;
    ChannelPtr target;
  };

  ChannelPtr MakeChannel(const std::string& account, std::string_view resource, int state);
  std::string NextUniqueid();
  // Runs `task` later unless the channel has gone by then.
  void Later(absl::Duration delay, const ChannelPtr& channel, std::function<void()> task);
  void Tell(const Channel& channel, std::string_view event_class, std::string_view event,
            const std::function<void(AmiText*)>& rest = nullptr, std::string_view prefix = "");
  void SetState(const ChannelPtr& channel, int state);
  void TellDial(std::string_view event, const ChannelPtr& caller, const ChannelPtr& leg, std::string_view key,
                std::string_view value);
  void TellOriginated(const OriginateOrder& order, const ChannelPtr& channel, bool success, std::string_view reason);
  void Leave(const ChannelPtr& channel);
  ChannelPtr OtherOf(const ChannelPtr& channel) const;
  // Dials for `caller` who follows `script`, and gives the leg; `done` gets whether it was answered.
  ChannelPtr Dial(const ChannelPtr& caller, std::string_view resource, const std::string& number, const Script& script,
                  absl::Duration timeout, std::function<void(const ChannelPtr& leg, bool answered, int cause)> done);
  // What the dialplan does for an answered channel at an extension: a number is called and connected, at "agent" and
  // "agent-long" the agent's phone, for the talk of the party's story and for its patience; at "wait" it waits for as
  // long as the party likes; at any other it talks and hangs up.
  void Run(const ChannelPtr& channel, const std::string& exten);
  // The target of an attended transfer was reached, or was not.
  void Consult(const ChannelPtr& transferer, const ChannelPtr& target, bool taken, int why);
  void Ring(const ChannelPtr& caller, const ChannelPtr& leg, absl::Duration timeout,
            const std::function<void(bool answered, int cause, std::string_view reason)>& done);
  void Talk(const ChannelPtr& channel, absl::Duration length);
  void TellHangup(const ChannelPtr& channel, int cause, int sip_code);

  World& world_;
  Listener listener_;
  std::map<std::string, ChannelPtr, std::less<>> channels_;  // by name
  // Attended transfers under way, by the transferer's Uniqueid.
  std::map<std::string, Consultation, std::less<>> consultations_;
  int64_t next_channel_ = 0;
  int64_t calls_placed_ = 0;
};

}  // namespace trunkline::twin::sip
