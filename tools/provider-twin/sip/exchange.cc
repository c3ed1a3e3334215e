#include "tools/provider-twin/sip/exchange.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"

namespace trunkline::twin::sip {
namespace {

constexpr absl::Duration kLineReport = absl::Seconds(5);
constexpr absl::Duration kRings = absl::Seconds(30);
// The dialplan.
constexpr std::string_view kWaitExten = "wait";
constexpr std::string_view kAgentExten = "agent";
constexpr std::string_view kLongAgentExten = "agent-long";
constexpr std::string_view kAgent = "202";

bool CallsAgent(std::string_view exten) { return exten == kAgentExten || exten == kLongAgentExten; }
bool IsNumber(std::string_view exten) { return exten.size() >= 5 && ParseInt(exten).has_value(); }

}  // namespace

void Exchange::Originate(const OriginateOrder& order) {
  ++calls_placed_;
  dialing_.Originate(order, [this, exten = order.exten](const ChannelPtr& leg) { Run(leg, exten); });
}

void Exchange::Run(const ChannelPtr& channel, const std::string& exten) {
  channel->exten = exten;
  channel->application = "Dial";
  const bool to_agent = CallsAgent(exten);
  if (to_agent || IsNumber(exten)) {
    const std::string number = to_agent ? std::string(kAgent) : exten;
    dialing_.Dial(channel, to_agent ? kAgent : "trunk", number, ScriptFor(number), kRings,
                  [this, channel, exten](const ChannelPtr& second, bool taken, int why) {
                    if (!taken) {
                      HangUp(channel, why);
                      return;
                    }
                    channels_.Bridge(channel, second);
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

ChannelPtr Exchange::Receive(const InboundOrder& order) {
  ++calls_placed_;
  ChannelPtr caller = channels_.Make(order.account, "trunk", kRing);
  caller->number = order.from;
  caller->exten = order.to;
  caller->application = "Dial";
  channels_.Add(caller);
  // The number that was called decides what its agent does.
  caller->script = ScriptFor(order.to);
  dialing_.Dial(caller, order.agent, order.agent, caller->script, absl::Seconds(20),
                [this, caller](const ChannelPtr& leg, bool taken, int why) {
                  if (!taken) {
                    HangUp(caller, why);
                    return;
                  }
                  channels_.SetState(caller, kUp);
                  channels_.Bridge(caller, leg);
                  Talk(caller, caller->script.talk);
                });
  if (order.gives_up < absl::InfiniteDuration()) {
    channels_.Later(order.gives_up, caller, [this, caller] {
      if (caller->state == kRing) HangUpByParty(caller);
    });
  }
  return caller;
}

void Exchange::Talk(const ChannelPtr& channel, absl::Duration length) {
  channels_.Later(kLineReport, channel, [this, channel] { ReportLine(channel, 0, 16, "0.0200"); });
  channels_.Later(length, channel, [this, channel] { HangUpByParty(channel); });
}

void Exchange::ReportLine(const ChannelPtr& channel, int lost, int jitter, std::string_view round_trip) {
  channels_.Tell(*channel, "reporting", "RTCPReceived", [&](AmiText* text) {
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
    channels_.Tell(*channel, "call", "HangupRequest",
                   [](AmiText* text) { text->Add("Cause", "127").Add("TechCause", "487"); });
    for (const ChannelPtr& leg : channels_.OfCall(channel->linkedid)) {
      if (leg == channel) continue;
      channels_.TellDial("DialEnd", channel, leg, "DialStatus", "CANCEL");
      channels_.End(leg, 127, 500);
    }
    channels_.End(channel, 127, 487);
    return;
  }
  channels_.Tell(*channel, "call", "HangupRequest", [](AmiText* text) { text->Add("Cause", "16"); });
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
      channels_.Tell(
          *channel, "call", "AttendedTransfer",
          [customer = customer, target = target](AmiText* text) {
            AddSnapshot(*customer, "Transferee", text);
            AddSnapshot(*target, "TransferTarget", text);
            text->Add("Result", "Success").Add("DestType", "Bridge");
          },
          "OrigTransferer");
      channels_.Leave(channel);
      if (target->state == kUp) channels_.Bridge(customer, target);
      channels_.End(channel, cause, 0);
      return;
    }
  }
  const ChannelPtr other = channels_.OtherOf(channel);
  std::vector<ChannelPtr> ringing;
  for (const ChannelPtr& leg : channels_.OfCall(channel->linkedid)) {
    if (leg != channel && leg->state != kUp) ringing.push_back(leg);
  }
  channels_.Leave(channel);
  // Who is still called for it is called no more; with one side the other leaves too.
  for (const ChannelPtr& leg : ringing) channels_.End(leg, cause, 0);
  if (other != nullptr) {
    channels_.Leave(other);
    channels_.End(other, 16, 0);
  }
  channels_.End(channel, cause, 0);
  const bool is_first = channel->uniqueid == channel->linkedid;
  const ChannelPtr& first = is_first ? channel : other;
  const ChannelPtr& second = is_first ? other : channel;
  if (first == nullptr || first->uniqueid != first->linkedid || first->answered == absl::Time()) return;
  const absl::Duration talked = world_.Unscaled(world_.scheduler.Now() - first->answered);
  channels_.TellPlain(channel->account, "cdr", "Cdr", /*stamped=*/false, [&](AmiText* text) {
    text->Add("Channel", first->name).Add("DestinationChannel", second == nullptr ? "" : second->name);
    text->Add("Source", first->number).Add("BillableSeconds", Concat(absl::ToInt64Seconds(talked)));
    text->Add("Disposition", "ANSWERED").Add("UniqueID", first->uniqueid);
  });
}

void Exchange::Redirect(const ChannelPtr& channel, const std::string& context, const std::string& exten) {
  channels_.Leave(channel);
  // Whom its dialplan was calling is called no more.
  for (const ChannelPtr& leg : channels_.OfCall(channel->linkedid)) {
    if (leg == channel || leg->state == kUp) continue;
    channels_.TellDial("DialEnd", channel, leg, "DialStatus", "CANCEL");
    channels_.End(leg, 0, 0);
  }
  channel->context = context;
  channel->exten = exten;
  if (channel->state == kRing) channels_.SetState(channel, kUp);
  Run(channel, exten);
  if (CallsAgent(exten) || IsNumber(exten)) return;
  channel->application = "MusicOnHold";
  channels_.Tell(*channel, "call", "MusicOnHoldStart", [](AmiText* text) { text->Add("Class", "default"); });
}

void Exchange::Park(const ChannelPtr& channel) {
  const ChannelPtr other = channels_.OtherOf(channel);
  channels_.Leave(channel);
  channels_.Tell(
      *channel, "call", "ParkedCall",
      [](AmiText* text) { text->Add("Parkinglot", "default").Add("ParkingSpace", "701"); }, "Parkee");
  if (other != nullptr) channels_.End(other, 16, 0);
}

bool Exchange::TransferBlind(const ChannelPtr& transferer, const std::string& context, const std::string& exten) {
  const ChannelPtr customer = channels_.OtherOf(transferer);
  if (customer == nullptr) return false;
  channels_.Tell(*transferer, "call", "Unhold");
  channels_.Tell(
      *transferer, "call", "BlindTransfer",
      [&](AmiText* text) {
        AddSnapshot(*customer, "Transferee", text);
        text->Add("Result", "Success").Add("IsExternal", "Yes").Add("Context", context).Add("Extension", exten);
      },
      "Transferer");
  channels_.Leave(customer);
  channels_.Leave(transferer);
  channels_.End(transferer, 16, 0);
  customer->context = context;
  customer->exten = exten;
  dialing_.Dial(customer, exten, exten, ScriptFor(exten), absl::Seconds(20),
                [this, customer](const ChannelPtr& leg, bool taken, int why) {
                  if (!taken) {
                    HangUp(customer, why);
                    return;
                  }
                  channels_.Bridge(customer, leg);
                  Talk(customer, leg->script.talk);
                });
  return true;
}

bool Exchange::TransferAttended(const ChannelPtr& transferer, const std::string& exten) {
  const ChannelPtr customer = channels_.OtherOf(transferer);
  if (customer == nullptr || consultations_.contains(transferer->uniqueid)) return false;
  channels_.Tell(*transferer, "call", "Hold", [](AmiText* text) { text->Add("MusicClass", "default"); });
  channels_.Tell(*customer, "call", "MusicOnHoldStart", [](AmiText* text) { text->Add("Class", "default"); });
  // The customer stays behind alone; transferer and target meet elsewhere.
  channels_.Leave(transferer);
  const ChannelPtr target = dialing_.Dial(
      transferer, exten, exten, ScriptFor(exten), absl::Seconds(20),
      [this, transferer](const ChannelPtr& leg, bool taken, int why) { Consult(transferer, leg, taken, why); });
  consultations_[transferer->uniqueid] = {.customer = customer, .target = target};
  return true;
}

void Exchange::Consult(const ChannelPtr& transferer, const ChannelPtr& target, bool taken, int why) {
  const auto consultation = consultations_.find(transferer->uniqueid);
  if (consultation == consultations_.end()) return;
  const ChannelPtr customer = consultation->second.customer;
  if (taken && !transferer->gone) {
    channels_.Bridge(transferer, target);
    return;
  }
  consultations_.erase(consultation);
  if (!transferer->gone) {
    channels_.Tell(*transferer, "call", "Unhold");
    if (!customer->gone) channels_.Bridge(transferer, customer);
  } else if (taken && !customer->gone) {
    channels_.Bridge(customer, target);
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
  channels_.Leave(target);
  channels_.End(target, 16, 0);
  channels_.Tell(*transferer, "call", "Unhold");
  if (!customer->gone) channels_.Bridge(transferer, customer);
  return true;
}

void Exchange::SetHold(const ChannelPtr& channel, bool held) {
  channels_.Tell(*channel, "call", held ? "Hold" : "Unhold");
  if (const ChannelPtr other = channels_.OtherOf(channel); other != nullptr) {
    channels_.Tell(*other, "call", held ? "MusicOnHoldStart" : "MusicOnHoldStop");
  }
}

void Exchange::Press(const ChannelPtr& channel, std::string_view digit, bool sent) {
  for (const std::string_view event : {"DTMFBegin", "DTMFEnd"}) {
    channels_.Tell(*channel, "dtmf", event, [&](AmiText* text) {
      text->Add("Digit", digit);
      if (event == "DTMFEnd") text->Add("DurationMs", "100");
      text->Add("Direction", sent ? "Sent" : "Received");
    });
  }
}

void Exchange::SetRecording(const ChannelPtr& channel, bool on) {
  channel->recorded = on;
  channels_.Tell(*channel, "call", on ? "MixMonitorStart" : "MixMonitorStop");
}

void Exchange::Reset() {
  channels_.Reset();
  consultations_.clear();
}

}  // namespace trunkline::twin::sip
