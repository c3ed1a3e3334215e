#include "tools/provider-twin/sip/exchange.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/ids.h"
#include "libs/base/text.h"

namespace trunkline::twin::sip {
namespace {

constexpr int kRing = 4;
constexpr int kRinging = 5;
constexpr int kUp = 6;
constexpr absl::Duration kAnswersDial = absl::Milliseconds(100);  // from the INVITE to what the network says of it
constexpr absl::Duration kLineReport = absl::Seconds(5);
constexpr absl::Duration kRings = absl::Seconds(30);
// The dialplan.
constexpr std::string_view kWaitExten = "wait";
constexpr std::string_view kAgentExten = "agent";
constexpr std::string_view kLongAgentExten = "agent-long";
constexpr std::string_view kAgent = "202";

bool CallsAgent(std::string_view exten) { return exten == kAgentExten || exten == kLongAgentExten; }
bool IsNumber(std::string_view exten) { return exten.size() >= 5 && ParseInt(exten).has_value(); }

int CauseOf(Pickup pickup) {
  switch (pickup) {
    case Pickup::kBusy:
      return 17;
    case Pickup::kUnreachable:
      return 1;
    case Pickup::kDeclined:
      return 21;
    default:
      return 16;
  }
}

}  // namespace

std::string Exchange::NextUniqueid() { return Concat(absl::ToUnixSeconds(world_.scheduler.Now()), ".", next_channel_); }

ChannelPtr Exchange::MakeChannel(const std::string& account, std::string_view resource, int state) {
  auto channel = std::make_shared<Channel>();
  channel->account = account;
  channel->uniqueid = NextUniqueid();
  channel->linkedid = channel->uniqueid;
  channel->name = Concat("PJSIP/", resource, absl::StrFormat("-%08x", next_channel_++));
  channel->state = state;
  channel->created = world_.scheduler.Now();
  return channel;
}

void Exchange::Later(absl::Duration delay, const ChannelPtr& channel, std::function<void()> task) {
  world_.scheduler.After(world_.Scaled(delay), [channel, task = std::move(task)] {
    if (!channel->gone) task();
  });
}

void Exchange::Tell(const Channel& channel, std::string_view event_class, std::string_view event,
                    const std::function<void(AmiText*)>& rest, std::string_view prefix) {
  AmiText text("Event", event);
  text.Add("Privilege", Concat(event_class, ",all"));
  const int64_t micros = absl::ToUnixMicros(world_.scheduler.Now());
  text.Add("Timestamp", absl::StrFormat("%d.%06d", micros / 1'000'000, micros % 1'000'000));
  AddSnapshot(channel, prefix, &text);
  if (rest != nullptr) rest(&text);
  listener_(channel.account, event_class, text);
}

void Exchange::SetState(const ChannelPtr& channel, int state) {
  channel->state = state;
  if (state == kUp) channel->answered = world_.scheduler.Now();
  Tell(*channel, "call", "Newstate");
}

void Exchange::TellDial(std::string_view event, const ChannelPtr& caller, const ChannelPtr& leg, std::string_view key,
                        std::string_view value) {
  const auto finish = [&](AmiText* text) { text->Add(key, value); };
  // What Originate dials has no caller.
  if (caller == nullptr) {
    Tell(*leg, "call", event, finish, "Dest");
    return;
  }
  Tell(*caller, "call", event, [&](AmiText* text) {
    AddSnapshot(*leg, "Dest", text);
    finish(text);
  });
}

void Exchange::TellHangup(const ChannelPtr& channel, int cause, int sip_code) {
  if (channel->gone) return;
  channel->gone = true;
  channels_.erase(channel->name);
  Tell(*channel, "call", "Hangup", [&](AmiText* text) {
    text->Add("Cause", Concat(cause));
    text->Add("Cause-txt", cause == 16 ? "Normal Clearing" : "Unknown");
    if (sip_code != 0) text->Add("TechCause", Concat(sip_code));
  });
}

void Exchange::Ring(const ChannelPtr& caller, const ChannelPtr& leg, absl::Duration timeout,
                    const std::function<void(bool, int, std::string_view)>& done) {
  const Script& script = leg->script;
  const bool refused =
      script.pickup == Pickup::kBusy || script.pickup == Pickup::kUnreachable || script.pickup == Pickup::kDeclined;
  if (refused) {
    Later(kAnswersDial, leg, [this, caller, leg, done] {
      const int cause = CauseOf(leg->script.pickup);
      Tell(*leg, "call", "HangupRequest",
           [&](AmiText* text) { text->Add("Cause", Concat(cause)).Add("TechCause", Concat(leg->script.sip_code)); });
      // Asterisk says so of numbers that do not exist, too.
      TellDial("DialEnd", caller, leg, "DialStatus", leg->script.pickup == Pickup::kBusy ? "BUSY" : "NOANSWER");
      done(false, cause, "0");
      TellHangup(leg, cause, leg->script.sip_code);
    });
    return;
  }
  Later(kAnswersDial, leg, [this, caller, leg] {
    leg->rung = true;
    SetState(leg, kRinging);
    TellDial("DialState", caller, leg, "DialStatus", "RINGING");
  });
  if (script.pickup == Pickup::kNoAnswer || script.ring > timeout) {
    Later(timeout, leg, [this, caller, leg, done] {
      if (caller != nullptr) TellDial("DialEnd", caller, leg, "DialStatus", "NOANSWER");
      done(false, 19, "3");
      TellHangup(leg, caller == nullptr ? 19 : 0, caller == nullptr ? 480 : 0);
    });
    return;
  }
  Later(script.ring, leg, [this, caller, leg, done] {
    SetState(leg, kUp);
    TellDial("DialEnd", caller, leg, "DialStatus", "ANSWER");
    done(true, 0, "4");
  });
}

void Exchange::TellOriginated(const OriginateOrder& order, const ChannelPtr& channel, bool success,
                              std::string_view reason) {
  AmiText text("Event", "OriginateResponse");
  text.Add("Privilege", "call,all");
  const int64_t micros = absl::ToUnixMicros(world_.scheduler.Now());
  text.Add("Timestamp", absl::StrFormat("%d.%06d", micros / 1'000'000, micros % 1'000'000));
  text.Add("ActionID", order.action_id).Add("Response", success ? "Success" : "Failure");
  text.Add("Channel", success ? channel->name : order.channel).Add("Context", order.context).Add("Exten", order.exten);
  text.Add("Reason", reason).Add("Uniqueid", channel->uniqueid);
  text.Add("CallerIDNum", order.caller_id).Add("CallerIDName", "<unknown>");
  listener_(order.account, "call", text);
}

void Exchange::Originate(OriginateOrder order) {
  ++calls_placed_;
  const std::string_view rest = std::string_view(order.channel).substr(order.channel.find('/') + 1);
  const size_t at = rest.find('@');
  const std::string number(rest.substr(0, at));
  const std::string_view resource = at == std::string_view::npos ? rest : rest.substr(at + 1);
  ChannelPtr leg = MakeChannel(order.account, resource, 0);
  if (!order.channel_id.empty()) leg->uniqueid = leg->linkedid = order.channel_id;
  leg->dialed = number;
  leg->script = ScriptFor(number);
  leg->number = order.caller_id;
  leg->connected = order.caller_id;
  leg->application = "AppDial2";
  leg->context = order.context;
  channels_[leg->name] = leg;
  Tell(*leg, "call", "Newchannel");
  TellDial("DialBegin", nullptr, leg, "DialString", rest);
  const absl::Duration timeout = order.timeout;
  Ring(nullptr, leg, timeout,
       [this, leg, order = std::move(order)](bool answered, int /*cause*/, std::string_view reason) {
         TellOriginated(order, leg, answered, reason);
         if (!answered) return;
         Run(leg, order.exten);
       });
}

void Exchange::Run(const ChannelPtr& channel, const std::string& exten) {
  channel->exten = exten;
  channel->application = "Dial";
  const bool to_agent = CallsAgent(exten);
  if (to_agent || IsNumber(exten)) {
    const std::string number = to_agent ? std::string(kAgent) : exten;
    Dial(channel, to_agent ? kAgent : "trunk", number, ScriptFor(number), kRings,
         [this, channel, exten](const ChannelPtr& second, bool taken, int why) {
           if (!taken) {
             HangUp(channel, why);
             return;
           }
           Bridge(channel, second);
           const Script& script = CallsAgent(exten) ? channel->script : second->script;
           Talk(second, exten == kLongAgentExten ? script.patience : script.talk);
         });
    return;
  }
  if (exten == kWaitExten) {
    Talk(channel, channel->script.patience);
  } else {
    Talk(channel, std::min(channel->script.talk, channel->script.patience));
  }
}

ChannelPtr Exchange::Dial(const ChannelPtr& caller, std::string_view resource, const std::string& number,
                          const Script& script, absl::Duration timeout,
                          std::function<void(const ChannelPtr&, bool, int)> done) {
  ChannelPtr leg = MakeChannel(caller->account, resource, 0);
  leg->linkedid = caller->linkedid;
  leg->number = number;
  leg->dialed = number;
  leg->script = script;
  leg->connected = caller->number;
  leg->application = "AppDial";
  channels_[leg->name] = leg;
  Tell(*leg, "call", "Newchannel");
  TellDial("DialBegin", caller, leg, "DialString", number);
  Ring(caller, leg, timeout,
       [leg, done = std::move(done)](bool answered, int cause, std::string_view) { done(leg, answered, cause); });
  return leg;
}

ChannelPtr Exchange::Receive(const InboundOrder& order) {
  ++calls_placed_;
  ChannelPtr caller = MakeChannel(order.account, "trunk", kRing);
  caller->number = order.from;
  caller->exten = order.to;
  caller->application = "Dial";
  channels_[caller->name] = caller;
  Tell(*caller, "call", "Newchannel");
  // The number that was called decides what its agent does.
  caller->script = ScriptFor(order.to);
  Dial(caller, order.agent, order.agent, caller->script, absl::Seconds(20),
       [this, caller](const ChannelPtr& leg, bool taken, int why) {
         if (!taken) {
           HangUp(caller, why);
           return;
         }
         SetState(caller, kUp);
         Bridge(caller, leg);
         Talk(caller, caller->script.talk);
       });
  if (order.gives_up < absl::InfiniteDuration()) {
    Later(order.gives_up, caller, [this, caller] {
      if (caller->state == kRing) HangUpByParty(caller);
    });
  }
  return caller;
}

void Exchange::Talk(const ChannelPtr& channel, absl::Duration length) {
  Later(kLineReport, channel, [this, channel] { ReportLine(channel, 0, 16, "0.0200"); });
  Later(length, channel, [this, channel] { HangUpByParty(channel); });
}

void Exchange::ReportLine(const ChannelPtr& channel, int lost, int jitter, std::string_view round_trip) {
  Tell(*channel, "reporting", "RTCPReceived", [&](AmiText* text) {
    text->Add("RTT", round_trip).Add("SSRC", "0xeeaaa266").Add("PT", "200(SR)").Add("ReportCount", "1");
    text->Add("SentPackets", "249").Add("SentOctets", "39840").Add("Report0SourceSSRC", "0x14afbcdc");
    text->Add("Report0FractionLost", Concat(lost)).Add("Report0CumulativeLost", "0");
    text->Add("Report0IAJitter", Concat(jitter));
  });
}

void Exchange::HangUpByParty(const ChannelPtr& channel) {
  if (channel->gone) return;
  if (channel->state == kRing) {
    // A SIP CANCEL: both legs end with a cause that looks like a fault of the network.
    Tell(*channel, "call", "HangupRequest", [](AmiText* text) { text->Add("Cause", "127").Add("TechCause", "487"); });
    for (const ChannelPtr& leg : OfCall(channel->linkedid)) {
      if (leg == channel) continue;
      TellDial("DialEnd", channel, leg, "DialStatus", "CANCEL");
      TellHangup(leg, 127, 500);
    }
    TellHangup(channel, 127, 487);
    return;
  }
  Tell(*channel, "call", "HangupRequest", [](AmiText* text) { text->Add("Cause", "16"); });
  HangUp(channel, 16);
}

void Exchange::HangUp(const ChannelPtr& channel, int cause) {
  if (channel->gone) return;
  if (const auto consultation = consultations_.find(channel->uniqueid); consultation != consultations_.end()) {
    // An attended transfer is completed by the transferer's leaving.
    const auto [customer, target] = consultation->second;
    // A target that rings goes on ringing, for the customer now.
    if (target->state == kUp || target->gone || customer->gone) consultations_.erase(consultation);
    if (!customer->gone && !target->gone) {
      Tell(
          *channel, "call", "AttendedTransfer",
          [customer = customer, target = target](AmiText* text) {
            AddSnapshot(*customer, "Transferee", text);
            AddSnapshot(*target, "TransferTarget", text);
            text->Add("Result", "Success").Add("DestType", "Bridge");
          },
          "OrigTransferer");
      Leave(channel);
      if (target->state == kUp) Bridge(customer, target);
      TellHangup(channel, cause, 0);
      return;
    }
  }
  const ChannelPtr other = OtherOf(channel);
  std::vector<ChannelPtr> ringing;
  for (const ChannelPtr& leg : OfCall(channel->linkedid)) {
    if (leg != channel && leg->state != kUp) ringing.push_back(leg);
  }
  Leave(channel);
  // Who is still called for it is called no more; with one side the other leaves too.
  for (const ChannelPtr& leg : ringing) TellHangup(leg, cause, 0);
  if (other != nullptr) {
    Leave(other);
    TellHangup(other, 16, 0);
  }
  TellHangup(channel, cause, 0);
  const bool is_first = channel->uniqueid == channel->linkedid;
  const ChannelPtr& first = is_first ? channel : other;
  const ChannelPtr& second = is_first ? other : channel;
  if (first == nullptr || first->uniqueid != first->linkedid || first->answered == absl::Time()) return;
  AmiText text("Event", "Cdr");
  text.Add("Privilege", "cdr,all").Add("Channel", first->name);
  text.Add("DestinationChannel", second == nullptr ? "" : second->name).Add("Source", first->number);
  const absl::Duration talked = world_.Unscaled(world_.scheduler.Now() - first->answered);
  text.Add("BillableSeconds", Concat(absl::ToInt64Seconds(talked))).Add("Disposition", "ANSWERED");
  text.Add("UniqueID", first->uniqueid);
  listener_(channel->account, "cdr", text);
}

void Exchange::Leave(const ChannelPtr& channel) {
  if (channel->bridge.empty()) return;
  const std::string bridge = std::exchange(channel->bridge, "");
  Tell(*channel, "call", "BridgeLeave", [&](AmiText* text) { text->Add("BridgeUniqueid", bridge); });
}

ChannelPtr Exchange::OtherOf(const ChannelPtr& channel) const {
  if (channel->bridge.empty()) return nullptr;
  for (const auto& [name, other] : channels_) {
    if (other != channel && other->bridge == channel->bridge) return other;
  }
  return nullptr;
}

void Exchange::Bridge(const ChannelPtr& one, const ChannelPtr& two) {
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

void Exchange::Redirect(const ChannelPtr& channel, const std::string& context, const std::string& exten) {
  Leave(channel);
  // Whom its dialplan was calling is called no more.
  for (const ChannelPtr& leg : OfCall(channel->linkedid)) {
    if (leg == channel || leg->state == kUp) continue;
    TellDial("DialEnd", channel, leg, "DialStatus", "CANCEL");
    TellHangup(leg, 0, 0);
  }
  channel->context = context;
  channel->exten = exten;
  if (channel->state == kRing) SetState(channel, kUp);
  Run(channel, exten);
  if (CallsAgent(exten) || IsNumber(exten)) return;
  channel->application = "MusicOnHold";
  Tell(*channel, "call", "MusicOnHoldStart", [](AmiText* text) { text->Add("Class", "default"); });
}

void Exchange::Park(const ChannelPtr& channel) {
  const ChannelPtr other = OtherOf(channel);
  Leave(channel);
  Tell(
      *channel, "call", "ParkedCall",
      [](AmiText* text) { text->Add("Parkinglot", "default").Add("ParkingSpace", "701"); }, "Parkee");
  if (other != nullptr) TellHangup(other, 16, 0);
}

bool Exchange::TransferBlind(const ChannelPtr& transferer, const std::string& context, const std::string& exten) {
  const ChannelPtr customer = OtherOf(transferer);
  if (customer == nullptr) return false;
  Tell(*transferer, "call", "Unhold");
  Tell(
      *transferer, "call", "BlindTransfer",
      [&](AmiText* text) {
        AddSnapshot(*customer, "Transferee", text);
        text->Add("Result", "Success").Add("IsExternal", "Yes").Add("Context", context).Add("Extension", exten);
      },
      "Transferer");
  Leave(customer);
  Leave(transferer);
  TellHangup(transferer, 16, 0);
  customer->context = context;
  customer->exten = exten;
  Dial(customer, exten, exten, ScriptFor(exten), absl::Seconds(20),
       [this, customer](const ChannelPtr& leg, bool taken, int why) {
         if (!taken) {
           HangUp(customer, why);
           return;
         }
         Bridge(customer, leg);
         Talk(customer, leg->script.talk);
       });
  return true;
}

bool Exchange::TransferAttended(const ChannelPtr& transferer, const std::string& exten) {
  const ChannelPtr customer = OtherOf(transferer);
  if (customer == nullptr || consultations_.contains(transferer->uniqueid)) return false;
  Tell(*transferer, "call", "Hold", [](AmiText* text) { text->Add("MusicClass", "default"); });
  Tell(*customer, "call", "MusicOnHoldStart", [](AmiText* text) { text->Add("Class", "default"); });
  // The customer stays behind alone; transferer and target meet elsewhere.
  Leave(transferer);
  const ChannelPtr target =
      Dial(transferer, exten, exten, ScriptFor(exten), absl::Seconds(20),
           [this, transferer](const ChannelPtr& leg, bool taken, int why) { Consult(transferer, leg, taken, why); });
  consultations_[transferer->uniqueid] = {.customer = customer, .target = target};
  return true;
}

void Exchange::Consult(const ChannelPtr& transferer, const ChannelPtr& target, bool taken, int why) {
  const auto consultation = consultations_.find(transferer->uniqueid);
  if (consultation == consultations_.end()) return;
  const ChannelPtr customer = consultation->second.customer;
  if (taken && !transferer->gone) {
    Bridge(transferer, target);
    return;
  }
  consultations_.erase(consultation);
  if (!transferer->gone) {
    Tell(*transferer, "call", "Unhold");
    if (!customer->gone) Bridge(transferer, customer);
  } else if (taken && !customer->gone) {
    Bridge(customer, target);
    Talk(target, target->script.talk);
  } else {
    HangUp(customer, why);
  }
}

bool Exchange::CancelTransfer(const ChannelPtr& transferer) {
  const auto consultation = consultations_.find(transferer->uniqueid);
  if (consultation == consultations_.end()) return false;
  const auto [customer, target] = consultation->second;
  consultations_.erase(consultation);
  Leave(target);
  TellHangup(target, 16, 0);
  Tell(*transferer, "call", "Unhold");
  if (!customer->gone) Bridge(transferer, customer);
  return true;
}

void Exchange::SetHold(const ChannelPtr& channel, bool held) {
  Tell(*channel, "call", held ? "Hold" : "Unhold");
  if (const ChannelPtr other = OtherOf(channel); other != nullptr) {
    Tell(*other, "call", held ? "MusicOnHoldStart" : "MusicOnHoldStop");
  }
}

void Exchange::Press(const ChannelPtr& channel, std::string_view digit, bool sent) {
  for (const std::string_view event : {"DTMFBegin", "DTMFEnd"}) {
    Tell(*channel, "dtmf", event, [&](AmiText* text) {
      text->Add("Digit", digit);
      if (event == "DTMFEnd") text->Add("DurationMs", "100");
      text->Add("Direction", sent ? "Sent" : "Received");
    });
  }
}

void Exchange::SetRecording(const ChannelPtr& channel, bool on) {
  channel->recorded = on;
  Tell(*channel, "call", on ? "MixMonitorStart" : "MixMonitorStop");
}

ChannelPtr Exchange::FindByName(std::string_view account, std::string_view name) const {
  const auto found = channels_.find(name);
  return found == channels_.end() || found->second->account != account ? nullptr : found->second;
}

std::vector<ChannelPtr> Exchange::Live(std::string_view account) const {
  std::vector<ChannelPtr> live;
  for (const auto& [name, channel] : channels_) {
    if (channel->account == account) live.push_back(channel);
  }
  return live;
}

std::vector<ChannelPtr> Exchange::OfCall(std::string_view linkedid) const {
  std::vector<ChannelPtr> channels;
  for (const auto& [name, channel] : channels_) {
    if (channel->linkedid == linkedid) channels.push_back(channel);
  }
  return channels;
}

void Exchange::Reset() {
  for (const auto& [name, channel] : channels_) channel->gone = true;
  channels_.clear();
  consultations_.clear();
}

}  // namespace trunkline::twin::sip
