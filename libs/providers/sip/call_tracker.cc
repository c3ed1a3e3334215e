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

constexpr int kAnsweredElsewhere = 26;
constexpr int kSubscriberAbsent = 20;
constexpr int kRequestTerminated = 487;

int NumberOf(std::string_view text) {
  const auto number = ParseInt(text);
  return number.has_value() && *number >= 0 && *number <= 999 ? static_cast<int>(*number) : 0;
}

std::string_view UniqueidOf(const ami::Message& event) { return event.Known("Uniqueid"); }

// The number in "PJSIP/14155550123@trunk" or "14155550123@trunk"; empty when it dials none.
std::string NumberOfDialString(std::string_view dialed) {
  if (const size_t slash = dialed.rfind('/'); slash != std::string_view::npos) dialed.remove_prefix(slash + 1);
  dialed = dialed.substr(0, dialed.find('@'));
  return ami::IsNumber(dialed) ? std::string(dialed) : std::string();
}

}  // namespace

CallTracker::CallTracker(TrackerOptions options) : options_(std::move(options)), calls_(options_.is_extension) {}

void CallTracker::Resync(const std::vector<ami::Message>& channels) { calls_.Resync(channels); }

CallContext CallTracker::Tell(const TrackedCall& call, Fact fact, absl::Time at) const {
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

CallContext CallTracker::TellEnd(const TrackedCall& call, absl::Time at) const {
  CallContext context = Tell(call, Fact::kEnded, at);
  context.end = call.end;
  context.network = call.quality.Average();
  return context;
}

void CallTracker::End(std::string_view key, absl::Time at, Contexts* told) {
  if (const auto ended = calls_.RemoveCall(key); ended.has_value()) told->push_back(TellEnd(*ended, at));
}

void CallTracker::Follow(const ami::Message& event, std::string_view prefix, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = event.Known(Concat(prefix, "Uniqueid"));
  const std::string_view linkedid = event.Known(Concat(prefix, "Linkedid"));
  if (const auto over = calls_.Relink(uniqueid, linkedid); over.has_value()) End(*over, at, told);
}

calls::v1::HangupSource CallTracker::SideOf(const TrackedCall& call, std::string_view uniqueid) const {
  const bool first = uniqueid == call.key;
  // Trunkline dials the number first: whoever is called there is the first channel.
  const bool first_is_called = call.originated && !options_.agent_first;
  return first == first_is_called ? calls::v1::HANGUP_SOURCE_CALLEE : calls::v1::HANGUP_SOURCE_CALLER;
}

void CallTracker::TellOf(std::string_view uniqueid, Fact fact, absl::Time at, Contexts* told) {
  if (const TrackedCall* call = calls_.FindCallOf(uniqueid); call != nullptr) told->push_back(Tell(*call, fact, at));
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
    const TrackedChannel* channel = calls_.FindChannel(uniqueid);
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
    if (event.Get("EventName") == "LINKEDID_END") End(calls_.KeyOf(event.Known("LinkedID")), at, &told);
  }
  return told;
}

void CallTracker::OnNewChannel(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = UniqueidOf(event);
  if (uniqueid.empty()) return;
  const auto [call, is_new] = calls_.Adopt(event, uniqueid);
  if (is_new) told->push_back(Tell(call, Fact::kInitiated, at));
}

void CallTracker::OnState(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = UniqueidOf(event);
  const TrackedCall* call = calls_.FindCallOf(uniqueid);
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
  if (event.Get("ChannelState") == "6" && calls_.FindChannel(uniqueid)->dialed) OnAnswered(uniqueid, at, told);
}

void CallTracker::OnRinging(std::string_view uniqueid, absl::Time at, Contexts* told) {
  TrackedCall* call = calls_.FindCallOf(uniqueid);
  if (call == nullptr || call->end.answered) return;
  TrackedChannel* leg = calls_.FindChannel(uniqueid);
  if (std::exchange(leg->rang, true)) return;
  call->end.rang = true;
  told->push_back(Tell(*call, Fact::kRinging, at));
}

void CallTracker::OnAnswered(std::string_view uniqueid, absl::Time at, Contexts* told) {
  TrackedCall* call = calls_.FindCallOf(uniqueid);
  if (call == nullptr || (call->end.answered && !call->transferred)) return;
  // The agent who is called first is not the one whom the call is for. Nor are the exchange's own channels.
  if (options_.agent_first && call->originated && uniqueid == call->key) return;
  if (!calls_.FindChannel(uniqueid)->real && call->had_real) return;
  call->end.answered = true;
  call->transferred = false;
  call->held = false;
  told->push_back(Tell(*call, Fact::kAnswered, at));
}

void CallTracker::OnBridge(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = UniqueidOf(event);
  const TrackedCall* call = calls_.FindCallOf(uniqueid);
  if (call == nullptr || NumberOf(event.Get("BridgeNumChannels")) < 2 || event.Get("BridgeType") != "basic") return;
  const auto real = std::count_if(call->channels.begin(), call->channels.end(),
                                  [&](const std::string& id) { return calls_.IsReal(id); });
  if (real < 2) return;
  // Whichever of both came second: somebody else than the first channel is there.
  for (const std::string& id : call->channels) {
    if (id != call->key && calls_.IsReal(id)) {
      OnAnswered(id, at, told);
      return;
    }
  }
}

void CallTracker::OnDialBegin(const ami::Message& event) {
  const std::string_view dest = event.Known("DestUniqueid");
  TrackedChannel* leg = calls_.FindChannel(dest);
  TrackedCall* call = calls_.FindCallOf(dest);
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
  TrackedCall* call = calls_.FindCallOf(dest);
  // The leg may be gone already; its caller is not.
  if (call == nullptr) call = calls_.FindCallOf(UniqueidOf(event));
  if (call == nullptr || call->end.answered) return;
  call->end.busy = status == "BUSY";
  call->end.no_answer = status == "NOANSWER";
  if (status == "CANCEL") call->end.canceled = true;
  if (!UniqueidOf(event).empty()) told->push_back(Tell(*call, Fact::kLegEnded, at));
}

void CallTracker::OnHold(std::string_view uniqueid, bool held, absl::Time at, Contexts* told) {
  TrackedCall* call = calls_.FindCallOf(uniqueid);
  // A transfer takes a call from hold that was never put there.
  if (call == nullptr || call->held == held) return;
  call->held = held;
  told->push_back(Tell(*call, held ? Fact::kHeld : Fact::kResumed, at));
}

void CallTracker::OnTransfer(const ami::Message& event, std::string_view uniqueid, bool target_talks, absl::Time at,
                             Contexts* told) {
  TrackedCall* call = calls_.FindCallOf(uniqueid);
  if (call == nullptr) call = calls_.FindCallOf(event.Known("TransfereeUniqueid"));
  if (call == nullptr || event.Get("Result") != "Success") return;
  call->transferred = !target_talks;
  call->held = false;
  // Who hands a call on and leaves has not ended it.
  call->end.asked_by = calls::v1::HANGUP_SOURCE_SYSTEM;
  told->push_back(Tell(*call, Fact::kTransferred, at));
}

void CallTracker::OnHangupRequest(const ami::Message& event) {
  const std::string_view uniqueid = UniqueidOf(event);
  TrackedCall* call = calls_.FindCallOf(uniqueid);
  if (call == nullptr) return;
  const int response = NumberOf(event.Get("TechCause"));
  const bool from_network = calls_.FindChannel(uniqueid)->dialed && !call->end.answered && response >= 300;
  if (from_network) call->end.sip_response = response;
  if (call->end.asked_by != calls::v1::HANGUP_SOURCE_SYSTEM) return;
  call->end.asked_by = SideOf(*call, uniqueid);
  // A caller who leaves while it rings.
  if (response == kRequestTerminated && !from_network) call->end.canceled = true;
}

void CallTracker::OnHangup(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view uniqueid = UniqueidOf(event);
  TrackedCall* call = calls_.FindCallOf(uniqueid);
  if (call == nullptr) return;
  const int cause = NumberOf(event.Get("Cause"));
  const bool first = uniqueid == call->key;
  if (first || (!call->first_cause && cause != kAnsweredElsewhere)) call->end.cause = cause;
  call->first_cause = call->first_cause || first;
  calls_.RemoveChannel(call, uniqueid);
  if (calls_.IsOver(*call)) End(call->key, at, told);
}

void CallTracker::OnOriginateResponse(const ami::Message& event, absl::Time at, Contexts* told) {
  if (event.Get("Response") != "Failure") return;
  std::string key(UniqueidOf(event));
  if (calls_.FindCallOf(key) != nullptr) return;  // its Hangup tells the end, and better
  if (const std::string call_id = CallIdOfActionId(event.Get("ActionID")); key.empty()) key = call_id;
  // Others may place calls too; without a channel there was never a call of theirs.
  if (calls_.HasEnded(key) || !IsUuid(key) || calls_.FindCall(key) != nullptr) return;
  // No channel came about: the trunk or its phone is not there.
  TrackedCall call;
  call.key = key;
  call.direction = calls::v1::CALL_DIRECTION_OUTBOUND;
  call.end.cause = kSubscriberAbsent;
  calls_.RememberEnded(key);
  told->push_back(TellEnd(call, at));
}

void CallTracker::OnQueueOrAgent(const ami::Message& event, absl::Time at, Contexts* told) {
  const std::string_view name = event.Event();
  TrackedCall* call = calls_.FindCallOf(UniqueidOf(event));
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
  TrackedCall* call = calls_.FindCallOf(uniqueid);
  if (call != nullptr) call->quality.Add(event, &calls_.FindChannel(uniqueid)->packets);
}

void CallTracker::OnBill(const ami::Message& event, absl::Time at, Contexts* told) {
  // There is one for each leg; the first channel's, when it was connected to somebody, has the time that they talked.
  const std::string uniqueid(event.Known("UniqueID"));
  if (event.Get("Disposition") != "ANSWERED" || event.Get("DestinationChannel").empty()) return;
  if (const TrackedCall* call = calls_.FindCall(uniqueid); call != nullptr) {
    told->push_back(Tell(*call, Fact::kBilled, at));
  } else if (calls_.HasEnded(uniqueid)) {
    TrackedCall gone;
    gone.key = uniqueid;
    told->push_back(Tell(gone, Fact::kBilled, at));
  }
}

}  // namespace trunkline::providers::sip
