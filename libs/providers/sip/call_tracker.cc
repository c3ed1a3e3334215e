#include "libs/providers/sip/call_tracker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "libs/base/ids.h"
#include "libs/base/text.h"
#include "libs/providers/sip/ami/rules.h"
#include "libs/providers/sip/call_id.h"

namespace trunkline::providers::sip {
namespace {

constexpr size_t kMostRemembered = 2048;
constexpr int kAnsweredElsewhere = 26;
constexpr int kSubscriberAbsent = 20;
constexpr int kRequestTerminated = 487;
// Of a report on a line: fewer packets say nothing, and this fraction is what a line says that starts.
constexpr double kFewestPackets = 50;
constexpr int64_t kLostFractionOfStart = 255;
constexpr double kLargestCount = 1e9;
// Reports count jitter in units of the codec's clock, 8000 a second for all narrow-band codecs and G.722.
constexpr double kClockPerMillisecond = 8;

int NumberOf(std::string_view text) {
  const auto number = ParseInt(text);
  return number.has_value() && *number >= 0 && *number <= 999 ? static_cast<int>(*number) : 0;
}

std::string_view UniqueidOf(const ami::Message& event) { return event.Known("Uniqueid"); }

// Whether a call comes from its first channel. "Ring" is said of such, but only until it is answered; in a list those
// that the exchange dialled are told by what they run, or by the id that we gave them.
bool CallsIn(const ami::Message& event, std::string_view key) {
  if (event.Event() != "CoreShowChannel") return event.Get("ChannelState") == "4";
  return !IsUuid(key) && !event.Get("Application").starts_with("AppDial");
}

// The number in "PJSIP/14155550123@trunk" or "14155550123@trunk"; empty when it dials none.
std::string NumberOfDialString(std::string_view dialed) {
  if (const size_t slash = dialed.rfind('/'); slash != std::string_view::npos) dialed.remove_prefix(slash + 1);
  dialed = dialed.substr(0, dialed.find('@'));
  return ami::IsNumber(dialed) ? std::string(dialed) : std::string();
}

}  // namespace

bool IsPlumbing(std::string_view channel_name) {
  for (const std::string_view prefix : {"Local/", "Snoop/", "Bridge/", "Announcer/", "Message/", "Recorder/",
                                        "ConfBridgeRecorder/", "UnicastRTP/", "AsyncGoto/", "Surrogate/"}) {
    if (channel_name.starts_with(prefix)) return true;
  }
  return false;
}

CallTracker::CallTracker(TrackerOptions options) : options_(std::move(options)) {}

std::string CallTracker::KeyOf(std::string_view linkedid) const {
  const auto alias = aliases_.find(linkedid);
  return alias == aliases_.end() ? std::string(linkedid) : alias->second;
}

CallTracker::Channel* CallTracker::FindChannel(std::string_view uniqueid) {
  const auto found = channels_.find(uniqueid);
  return found == channels_.end() ? nullptr : &found->second;
}

CallTracker::Call* CallTracker::FindCallOf(std::string_view uniqueid) {
  const Channel* channel = FindChannel(uniqueid);
  if (channel == nullptr) return nullptr;
  const auto call = calls_.find(channel->call);
  return call == calls_.end() ? nullptr : &call->second;
}

CallTracker::Call& CallTracker::Adopt(const ami::Message& event, std::string_view uniqueid, bool* is_new) {
  const std::string_view told = event.Known("Linkedid");
  const std::string key = KeyOf(told.empty() ? uniqueid : told);
  // One channel is of one call, whatever the exchange says twice.
  if (const Channel* known = FindChannel(uniqueid); known != nullptr && known->call != key) {
    const auto other = calls_.find(known->call);
    other->second.channels.erase(std::string(uniqueid));
    if (other->second.channels.empty()) calls_.erase(other);
  }
  const auto [call, added] = calls_.try_emplace(key);
  *is_new = added;
  call->second.key = key;
  call->second.channels.emplace(uniqueid);
  Channel& channel = channels_[std::string(uniqueid)];
  channel.call = key;
  channel.real = !IsPlumbing(event.Get("Channel"));
  if (channel.real) call->second.had_real = true;
  if (!added) return call->second;

  const std::string_view caller = event.Known("CallerIDNum");
  const bool calls_in = CallsIn(event, key);
  const bool from_inside = calls_in && options_.is_extension(caller);
  const bool inbound = calls_in && !from_inside;
  call->second.direction = inbound ? calls::v1::CALL_DIRECTION_INBOUND : calls::v1::CALL_DIRECTION_OUTBOUND;
  call->second.end.inbound = inbound;
  call->second.originated = !calls_in;
  if (calls_in) {
    call->second.from = caller;
    call->second.to = event.Known("Exten");
  }
  return call->second;
}

void CallTracker::Resync(const std::vector<ami::Message>& channels) {
  std::map<std::string, Call, std::less<>> before;
  std::map<std::string, Channel, std::less<>> channels_before;
  before.swap(calls_);
  channels_before.swap(channels_);
  // First channels first: they tell how their call began.
  std::vector<const ami::Message*> ordered;
  for (const bool first : {true, false}) {
    for (const ami::Message& channel : channels) {
      if ((UniqueidOf(channel) == channel.Known("Linkedid")) == first) ordered.push_back(&channel);
    }
  }
  for (const ami::Message* listed : ordered) {
    const ami::Message& channel = *listed;
    const std::string_view uniqueid = UniqueidOf(channel);
    if (uniqueid.empty()) continue;
    bool is_new = false;
    Call& call = Adopt(channel, uniqueid, &is_new);
    if (const auto known = channels_before.find(uniqueid); known != channels_before.end()) {
      channels_[std::string(uniqueid)].dialed = known->second.dialed;
    }
    if (!is_new) continue;
    if (const auto known = before.find(call.key); known != before.end()) {
      std::set<std::string> now = std::move(call.channels);
      const bool had_real = call.had_real;
      call = std::move(known->second);
      call.channels = std::move(now);
      call.had_real = call.had_real || had_real;
    }
  }
  // Of calls that were not known: an inbound call whose second party is up was answered, an outbound one whose first.
  for (auto& [key, call] : calls_) {
    if (before.contains(key)) continue;
    for (const ami::Message& channel : channels) {
      const std::string_view uniqueid = UniqueidOf(channel);
      if (!call.channels.contains(std::string(uniqueid)) || IsPlumbing(channel.Get("Channel"))) continue;
      const bool first = uniqueid == key;
      if (channel.Get("ChannelState") == "6" && (!first || call.originated)) call.end.answered = true;
    }
  }
  for (auto alias = aliases_.begin(); alias != aliases_.end();) {
    alias = calls_.contains(alias->second) ? std::next(alias) : aliases_.erase(alias);
  }
}

CallContext CallTracker::Tell(const Call& call, Fact fact, absl::Time at) const {
  CallContext context;
  context.fact = fact;
  context.external_call_id = call.key;
  context.direction = call.direction;
  // Of calls that Trunkline placed it knows the numbers better.
  if (!IsUuid(call.key)) {
    context.from = call.from;
    context.to = call.to;
  }
  context.default_region = options_.default_region;
  context.recording_url = options_.recording_url;
  context.at = at;
  context.bridged = call.end.answered && call.end.inbound;
  return context;
}

bool CallTracker::IsOver(const Call& call) const {
  if (call.channels.empty()) return true;
  if (!call.had_real) return false;
  return std::none_of(call.channels.begin(), call.channels.end(), [&](const std::string& uniqueid) {
    const auto channel = channels_.find(uniqueid);
    return channel != channels_.end() && channel->second.real;
  });
}

void CallTracker::RememberEnded(const std::string& key) {
  ended_.push_back(key);
  if (ended_.size() > kMostRemembered) ended_.pop_front();
}

void CallTracker::End(const std::string& key, absl::Time at, Contexts* told) {
  const auto found = calls_.find(key);
  if (found == calls_.end()) return;
  Call& call = found->second;
  CallContext context = Tell(call, Fact::kEnded, at);
  context.end = call.end;
  if (call.weight > 0) {
    context.network = telephony::NetworkQuality{call.latency_weight > 0 ? call.latency / call.latency_weight : 0,
                                                call.jitter / call.weight, call.loss / call.weight};
  }
  told->push_back(std::move(context));
  for (const std::string& uniqueid : call.channels) channels_.erase(uniqueid);
  for (auto alias = aliases_.begin(); alias != aliases_.end();) {
    alias = alias->second == key ? aliases_.erase(alias) : std::next(alias);
  }
  RememberEnded(key);
  calls_.erase(found);
}

void CallTracker::Follow(const ami::Message& event, std::string_view prefix, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = event.Known(Concat(prefix, "Uniqueid"));
  const std::string_view linkedid = event.Known(Concat(prefix, "Linkedid"));
  Channel* channel = FindChannel(uniqueid);
  if (channel == nullptr || linkedid.empty()) return;
  const std::string key = KeyOf(linkedid);
  if (key == channel->call) return;
  const std::string before = channel->call;
  const auto target = calls_.find(key);
  if (target == calls_.end()) {
    // The same call under a new name: it keeps the one under which it was told of.
    aliases_[std::string(linkedid)] = before;
    return;
  }
  Call& old_call = calls_[before];
  old_call.channels.erase(std::string(uniqueid));
  target->second.channels.emplace(uniqueid);
  target->second.had_real = target->second.had_real || channel->real;
  target->second.end.answered = target->second.end.answered || old_call.end.answered;
  channel->call = key;
  if (IsOver(old_call)) End(before, at, told);
}

calls::v1::HangupSource CallTracker::SideOf(const Call& call, std::string_view uniqueid) const {
  const bool first = uniqueid == call.key;
  // Trunkline dials the number first: whoever is called there is the first channel.
  const bool first_is_called = call.originated && !options_.agent_first;
  return first == first_is_called ? calls::v1::HANGUP_SOURCE_CALLEE : calls::v1::HANGUP_SOURCE_CALLER;
}

void CallTracker::TellOf(std::string_view uniqueid, Fact fact, absl::Time at, Contexts* told) {
  if (const Call* call = FindCallOf(uniqueid); call != nullptr) told->push_back(Tell(*call, fact, at));
}

std::vector<CallContext> CallTracker::OnEvent(const ami::Message& event, absl::Time received_at) {
  Contexts told;
  const std::string_view name = event.Event();
  const std::string_view uniqueid = UniqueidOf(event);
  absl::Time at = received_at;
  if (const auto seconds = ParseDouble(event.Get("Timestamp"));
      seconds.has_value() && *seconds > 0 && *seconds < 1e11) {
    at = absl::UnixEpoch() + absl::Microseconds(std::llround(*seconds * 1e6));
  }
  Follow(event, "", at, &told);
  Follow(event, "Dest", at, &told);

  if (name == "Newchannel") {
    OnNewChannel(event, at, &told);
  } else if (name == "Newstate") {
    OnState(event, at, &told);
  } else if (name == "DialBegin") {
    OnDialBegin(event);
  } else if (name == "DialState") {
    if (event.Get("DialStatus") == "RINGING") OnRinging(event.Known("DestUniqueid"), at, &told);
  } else if (name == "DialEnd") {
    OnDialEnd(event, at, &told);
  } else if (name == "BridgeEnter") {
    OnBridge(event, at, &told);
  } else if (name == "Hold" || name == "Unhold") {
    OnHold(uniqueid, name == "Hold", at, &told);
  } else if (name == "ParkedCall" || name == "UnParkedCall") {
    OnHold(event.Known("ParkeeUniqueid"), name == "ParkedCall", at, &told);
  } else if (name == "BlindTransfer") {
    OnTransfer(event, event.Known("TransfererUniqueid"), /*target_talks=*/false, at, &told);
  } else if (name == "AttendedTransfer") {
    OnTransfer(event, event.Known("OrigTransfererUniqueid"), /*target_talks=*/true, at, &told);
  } else if (name == "HangupRequest") {
    OnHangupRequest(event);
  } else if (name == "Hangup") {
    OnHangup(event, at, &told);
  } else if (name == "OriginateResponse") {
    OnOriginateResponse(event, at, &told);
  } else if (name.starts_with("QueueCaller") || name.starts_with("Agent")) {
    OnQueueOrAgent(event, at, &told);
  } else if (name == "DTMFEnd") {
    const Channel* channel = FindChannel(uniqueid);
    if (channel != nullptr && channel->real && event.Get("Direction") == "Received") {
      TellOf(uniqueid, Fact::kDigits, at, &told);
    }
  } else if (name == "MixMonitorStart" || name == "MixMonitorStop") {
    TellOf(uniqueid, Fact::kRecording, at, &told);
  } else if (name == "RTCPReceived" || name == "RTCPSent") {
    OnLineReport(event);
  } else if (name == "VarSet") {
    if (event.Get("Variable") == "AMDSTATUS") TellOf(uniqueid, Fact::kMachine, at, &told);
  } else if (name == "Cdr") {
    OnBill(event, at, &told);
  } else if (name == "CEL") {
    if (event.Get("EventName") == "LINKEDID_END") End(KeyOf(event.Known("LinkedID")), at, &told);
  }
  return told;
}

void CallTracker::OnNewChannel(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = UniqueidOf(event);
  if (uniqueid.empty()) return;
  bool is_new = false;
  const Call& call = Adopt(event, uniqueid, &is_new);
  if (is_new) told->push_back(Tell(call, Fact::kInitiated, at));
}

void CallTracker::OnState(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = UniqueidOf(event);
  const Call* call = FindCallOf(uniqueid);
  if (call == nullptr) return;
  // The first channel of a call that comes in is up when the dialplan answers; that is nobody yet.
  const bool called = uniqueid != call->key || call->originated;
  if (!called) {
    // Unless Trunkline has it answered.
    const bool by_us = !options_.answer_context.empty() && event.Get("Context") == options_.answer_context;
    if (by_us && event.Get("ChannelState") == "6") OnAnswered(uniqueid, at, told);
    return;
  }
  if (event.Get("ChannelState") == "5") OnRinging(uniqueid, at, told);
  if (event.Get("ChannelState") == "6" && FindChannel(uniqueid)->dialed) OnAnswered(uniqueid, at, told);
}

void CallTracker::OnRinging(std::string_view uniqueid, absl::Time at, Contexts* told) {
  Call* call = FindCallOf(uniqueid);
  if (call == nullptr || call->end.answered) return;
  Channel* leg = FindChannel(uniqueid);
  if (std::exchange(leg->rang, true)) return;
  call->end.rang = true;
  told->push_back(Tell(*call, Fact::kRinging, at));
}

void CallTracker::OnAnswered(std::string_view uniqueid, absl::Time at, Contexts* told) {
  Call* call = FindCallOf(uniqueid);
  if (call == nullptr || (call->end.answered && !call->transferred)) return;
  // The agent who is called first is not the one whom the call is for. Nor are the exchange's own channels.
  if (options_.agent_first && call->originated && uniqueid == call->key) return;
  if (!FindChannel(uniqueid)->real && call->had_real) return;
  call->end.answered = true;
  call->transferred = false;
  call->held = false;
  told->push_back(Tell(*call, Fact::kAnswered, at));
}

void CallTracker::OnBridge(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = UniqueidOf(event);
  const Call* call = FindCallOf(uniqueid);
  if (call == nullptr || NumberOf(event.Get("BridgeNumChannels")) < 2 || event.Get("BridgeType") != "basic") return;
  const auto real = std::count_if(call->channels.begin(), call->channels.end(),
                                  [&](const std::string& id) { return channels_.find(id)->second.real; });
  if (real < 2) return;
  // Whichever of both came second: somebody else than the first channel is there.
  for (const std::string& id : call->channels) {
    if (id != call->key && channels_.find(id)->second.real) {
      OnAnswered(id, at, told);
      return;
    }
  }
}

void CallTracker::OnDialBegin(const ami::Message& event) {
  const std::string_view dest = event.Known("DestUniqueid");
  Channel* leg = FindChannel(dest);
  Call* call = FindCallOf(dest);
  if (leg == nullptr || call == nullptr) return;
  leg->dialed = true;
  if (!UniqueidOf(event).empty()) call->end.dialed = true;
  // The agent's phone, which rings first, is not whom the call is for.
  const bool is_agent = options_.agent_first && dest == call->key;
  if (call->originated && call->to.empty() && !is_agent) {
    call->to = NumberOfDialString(event.Get("DialString"));
    if (!call->to.empty()) call->from = event.Known("DestCallerIDNum");
    if (call->from == call->to) call->from = event.Known("DestConnectedLineNum");
  }
}

void CallTracker::OnDialEnd(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view dest = event.Known("DestUniqueid");
  const std::string_view status = event.Get("DialStatus");
  if (status == "ANSWER") {
    OnAnswered(dest, at, told);
    return;
  }
  Call* call = FindCallOf(dest);
  // The leg may be gone already; its caller is not.
  if (call == nullptr) call = FindCallOf(UniqueidOf(event));
  if (call == nullptr || call->end.answered) return;
  call->end.busy = status == "BUSY";
  call->end.no_answer = status == "NOANSWER";
  if (status == "CANCEL") call->end.canceled = true;
  if (!UniqueidOf(event).empty()) told->push_back(Tell(*call, Fact::kLegEnded, at));
}

void CallTracker::OnHold(std::string_view uniqueid, bool held, absl::Time at, Contexts* told) {
  Call* call = FindCallOf(uniqueid);
  // A transfer takes a call from hold that was never put there.
  if (call == nullptr || call->held == held) return;
  call->held = held;
  told->push_back(Tell(*call, held ? Fact::kHeld : Fact::kResumed, at));
}

void CallTracker::OnTransfer(const ami::Message& event, std::string_view uniqueid, bool target_talks, absl::Time at,
                             Contexts* told) {
  Call* call = FindCallOf(uniqueid);
  if (call == nullptr) call = FindCallOf(event.Known("TransfereeUniqueid"));
  if (call == nullptr || event.Get("Result") != "Success") return;
  call->transferred = !target_talks;
  call->held = false;
  // Who hands a call on and leaves has not ended it.
  call->end.asked_by = calls::v1::HANGUP_SOURCE_SYSTEM;
  told->push_back(Tell(*call, Fact::kTransferred, at));
}

void CallTracker::OnHangupRequest(const ami::Message& event) {
  const std::string_view uniqueid = UniqueidOf(event);
  Call* call = FindCallOf(uniqueid);
  if (call == nullptr) return;
  const int response = NumberOf(event.Get("TechCause"));
  const bool from_network = FindChannel(uniqueid)->dialed && !call->end.answered && response >= 300;
  if (from_network) call->end.sip_response = response;
  if (call->end.asked_by != calls::v1::HANGUP_SOURCE_SYSTEM) return;
  call->end.asked_by = SideOf(*call, uniqueid);
  // A caller who leaves while it rings.
  if (response == kRequestTerminated && !from_network) call->end.canceled = true;
}

void CallTracker::OnHangup(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = UniqueidOf(event);
  Call* call = FindCallOf(uniqueid);
  if (call == nullptr) return;
  const int cause = NumberOf(event.Get("Cause"));
  const bool first = uniqueid == call->key;
  if (first || (!call->first_cause && cause != kAnsweredElsewhere)) call->end.cause = cause;
  call->first_cause = call->first_cause || first;
  call->channels.erase(std::string(uniqueid));
  channels_.erase(channels_.find(uniqueid));
  if (IsOver(*call)) End(std::string(call->key), at, told);
}

void CallTracker::OnOriginateResponse(const ami::Message& event, absl::Time at, Contexts* told) {
  if (event.Get("Response") != "Failure") return;
  std::string key(UniqueidOf(event));
  if (FindCallOf(key) != nullptr) return;  // its Hangup tells the end, and better
  if (const std::string call_id = CallIdOfActionId(event.Get("ActionID")); key.empty()) key = call_id;
  const bool known = std::find(ended_.begin(), ended_.end(), key) != ended_.end();
  // Others may place calls too; without a channel there was never a call of theirs.
  if (known || !IsUuid(key) || calls_.contains(key)) return;
  // No channel came about: the trunk or its phone is not there.
  Call call;
  call.key = key;
  call.direction = calls::v1::CALL_DIRECTION_OUTBOUND;
  call.end.cause = kSubscriberAbsent;
  calls_[key] = std::move(call);
  End(key, at, told);
}

void CallTracker::OnQueueOrAgent(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view name = event.Event();
  Call* call = FindCallOf(UniqueidOf(event));
  if (call == nullptr) return;
  if (name == "QueueCallerJoin") {
    told->push_back(Tell(*call, Fact::kQueued, at));
  } else if (name == "QueueCallerAbandon") {
    call->end.abandoned = true;
  } else if (name == "AgentConnect") {
    OnAnswered(event.Known("DestUniqueid"), at, told);
  } else if (name == "AgentComplete" && call->end.asked_by == calls::v1::HANGUP_SOURCE_SYSTEM) {
    if (event.Get("Reason") == "caller") call->end.asked_by = calls::v1::HANGUP_SOURCE_CALLER;
    if (event.Get("Reason") == "agent") call->end.asked_by = calls::v1::HANGUP_SOURCE_CALLEE;
  }
}

void CallTracker::OnLineReport(const ami::Message& event) {
  const std::string_view uniqueid = UniqueidOf(event);
  Call* call = FindCallOf(uniqueid);
  if (call == nullptr || NumberOf(event.Get("ReportCount")) < 1) return;
  Channel* channel = FindChannel(uniqueid);
  const double sent = std::clamp(ParseDouble(event.Get("SentPackets")).value_or(0), 0.0, kLargestCount);
  const double packets = sent - channel->packets;
  if (sent > 0) channel->packets = sent;
  const auto lost = ParseInt(event.Get("Report0FractionLost"));
  const auto jitter = ParseInt(event.Get("Report0IAJitter"));
  if (packets < kFewestPackets || !lost.has_value() || *lost < 0 || *lost >= kLostFractionOfStart ||
      !jitter.has_value() || *jitter < 0) {
    return;
  }
  call->weight += packets;
  call->loss += packets * static_cast<double>(*lost) * 100 / 256;
  call->jitter += packets * static_cast<double>(*jitter) / kClockPerMillisecond;
  const double round_trip = ParseDouble(event.Get("RTT")).value_or(0);
  if (round_trip > 0 && round_trip < 60) {
    call->latency_weight += packets;
    call->latency += packets * round_trip * 1000 / 2;
  }
}

void CallTracker::OnBill(const ami::Message& event, absl::Time at, Contexts* told) {
  // There is one for each leg; the first channel's, when it was connected to somebody, has the time that they talked.
  const std::string uniqueid(event.Known("UniqueID"));
  if (event.Get("Disposition") != "ANSWERED" || event.Get("DestinationChannel").empty()) return;
  if (const auto call = calls_.find(uniqueid); call != calls_.end()) {
    told->push_back(Tell(call->second, Fact::kBilled, at));
  } else if (std::find(ended_.begin(), ended_.end(), uniqueid) != ended_.end()) {
    Call gone;
    gone.key = uniqueid;
    told->push_back(Tell(gone, Fact::kBilled, at));
  }
}

}  // namespace trunkline::providers::sip
