#include "tools/provider-twin/twilio/dial_verb.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/instructions.h"
#include "tools/provider-twin/twilio/call_form.h"
#include "tools/provider-twin/twilio/exchange.h"
#include "tools/provider-twin/twilio/twiml_player.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

constexpr absl::Duration kPatienceAlone = absl::Seconds(30);

std::string AddressOf(pugi::xml_node noun) {
  const std::string_view name = noun.name();
  if (name != "Client") return TextOf(noun);
  const pugi::xml_node identity = noun.child("Identity");
  return Concat("client:", identity ? TextOf(identity) : TextOf(noun));
}

}  // namespace

void DialVerb::Start(std::shared_ptr<TwimlPlayer> player, const CallPtr& call, pugi::xml_node verb) {
  std::make_shared<DialVerb>(std::move(player), call, verb)->Begin();
}

DialVerb::DialVerb(std::shared_ptr<TwimlPlayer> player, const CallPtr& call, pugi::xml_node verb)
    : player_(std::move(player)), call_(call), verb_(verb), epoch_(call->epoch) {}

void DialVerb::Begin() {
  ReadParties();
  const CallPtr call = call_.lock();
  if (!Attribute(verb_, "action").empty()) {
    // Held by the player until the verb is over, which is what keeps this object while it waits.
    player_->on_hangup_ = [self = shared_from_this()](const CallPtr& ended) {
      Form form = CommonParameters(*ended, ToText(ended->status));
      const Form result = self->Result();
      form.insert(form.end(), result.begin(), result.end());
      self->player_->exchange_.Notify(ended, "dial", self->player_->ActionOf(self->verb_), std::move(form));
    };
  }
  if (conference_) {
    JoinConference(call);
  } else if (!room_.empty()) {
    player_->exchange_.Later(call, kPatienceAlone, [self = shared_from_this()] { self->Finish(); });
  } else if (waiting_.empty()) {
    player_->exchange_.Later(call, absl::ZeroDuration(), [self = shared_from_this()] { self->Finish(); });
  } else {
    RingNext();
  }
}

void DialVerb::ReadParties() {
  for (pugi::xml_node noun = ElementFrom(verb_.first_child()); noun; noun = NextElement(noun)) {
    const std::string_view name = noun.name();
    if (name == "Conference" || name == "Queue") {
      room_ = TextOf(noun);
      if (name == "Conference") conference_ = noun;
      return;
    }
    if (name != "Number" && name != "Client" && name != "Sip") continue;
    Party party{AddressOf(noun), player_->TargetOf(noun, "statusCallback", "statusCallbackMethod"), {}};
    const std::string events = Attribute(noun, "statusCallbackEvent", "completed");
    for (const std::string_view event : Split(events, ' ')) {
      if (!event.empty()) party.status_events.emplace(event);
    }
    waiting_.push_back(std::move(party));
  }
  if (waiting_.empty() && !TextOf(verb_).empty()) waiting_.push_back({TextOf(verb_), {}, {}});
}

void DialVerb::JoinConference(const CallPtr& call) {
  Participant participant;
  participant.call = call;
  participant.label = Attribute(conference_, "participantLabel");
  participant.muted = Attribute(conference_, "muted") == "true";
  participant.start_on_enter = Attribute(conference_, "startConferenceOnEnter", "true") == "true";
  participant.end_on_exit = Attribute(conference_, "endConferenceOnExit") == "true";
  participant.on_out = [self = shared_from_this()] { self->Finish(); };
  std::set<std::string> events;
  const std::string asked = Attribute(conference_, "statusCallbackEvent");
  for (const std::string_view event : Split(asked, ' ')) {
    if (!event.empty()) events.emplace(event);
  }
  Exchange& exchange = player_->exchange_;
  const ConferencePtr room = exchange.conferences().Join(
      room_, std::move(participant), player_->TargetOf(conference_, "statusCallback", "statusCallbackMethod"), events);
  // Who waits for music's sake waits; who is alone in a conference that has begun loses patience.
  exchange.Later(call, kPatienceAlone, [&exchange, room, call] {
    if (room->status == "in-progress" && room->participants.size() == 1) exchange.conferences().Remove(room, call);
  });
}

void DialVerb::RingNext() {
  const bool one_by_one = Attribute(verb_, "sequential") == "true";
  do {
    const Party party = std::move(waiting_.front());
    waiting_.pop_front();
    Ring(party);
  } while (!one_by_one && !waiting_.empty());
}

void DialVerb::Ring(const Party& party) {
  const CallPtr call = call_.lock();
  auto child = std::make_shared<Call>();
  child->to = party.address;
  child->from = Attribute(verb_, "callerId", call->from);
  child->status_callback = party.status_callback;
  child->status_events = party.status_events;
  child->ring_timeout = SecondsAttribute(verb_, "timeout", absl::Seconds(30));
  ringing_.push_back(child);
  player_->exchange_.PlaceChild(call, child,
                                {.answered = [self = shared_from_this()](const CallPtr& leg) { self->OnAnswered(leg); },
                                 .ended = [self = shared_from_this()](const CallPtr& leg) { self->OnEnded(leg); }});
}

void DialVerb::OnAnswered(const CallPtr& child) {
  if (!IsCurrent() || joined_) return;
  joined_ = true;
  last_ = child;
  waiting_.clear();
  Exchange& exchange = player_->exchange_;
  for (const auto& weak : ringing_) {
    const CallPtr other = weak.lock();
    if (other != nullptr && other != child) exchange.End(other, CallStatus::kCanceled, 487, "another party answered");
  }
  const std::string record = Attribute(verb_, "record");
  if (record.starts_with("record-from")) {
    recording_ = exchange.StartRecording(call_.lock(), "DialVerb", player_->RecordingWishOf(verb_));
  }
  const absl::Duration talk =
      std::min(child->script.talk, SecondsAttribute(verb_, "timeLimit", absl::InfiniteDuration()));
  exchange.Later(child, talk,
                 [&exchange, child] { exchange.End(child, CallStatus::kCompleted, 200, "the callee hung up"); });
}

void DialVerb::OnEnded(const CallPtr& child) {
  if (joined_ && child != last_) return;
  last_ = child;
  std::erase_if(ringing_, [&child](const auto& weak) { return weak.lock() == child; });
  if (joined_ && recording_ != nullptr) player_->exchange_.StopRecording(recording_);
  if (!IsCurrent()) return;
  if (!joined_ && !waiting_.empty() && ringing_.empty()) {
    RingNext();
  } else if (joined_ || ringing_.empty()) {
    Finish();
  }
}

void DialVerb::Finish() {
  if (!IsCurrent()) return;
  // Clears what keeps this object, so it holds itself until the end of the function.
  const auto self = shared_from_this();
  player_->AskAction(call_.lock(), verb_, "dial", Result());
}

Form DialVerb::Result() const {
  Form form;
  if (last_ == nullptr) {
    form.emplace_back("DialCallStatus", room_.empty() ? "failed" : "answered");
    if (room_.empty()) form.emplace_back("DialBridged", "false");
    return form;
  }
  const std::string_view unfinished = joined_ ? "completed" : "no-answer";
  form.emplace_back("DialCallStatus", IsFinal(last_->status) ? ToText(last_->status) : unfinished);
  form.emplace_back("DialCallSid", last_->sid);
  if (joined_) form.emplace_back("DialCallDuration", Concat(last_->duration_seconds));
  form.emplace_back("DialBridged", joined_ ? "true" : "false");
  if (recording_ != nullptr) {
    form.emplace_back("RecordingUrl", RecordingUrl(*recording_, player_->exchange_.world().public_url));
  }
  return form;
}

bool DialVerb::IsCurrent() const {
  const CallPtr call = call_.lock();
  return call != nullptr && !IsFinal(call->status) && call->epoch == epoch_;
}

}  // namespace trunkline::twin::twilio
