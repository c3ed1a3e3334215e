#include "tools/provider-twin/twilio/conference.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/twilio/exchange.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

constexpr size_t kMostConferences = 10'000;

std::string_view Flag(bool value) { return value ? "true" : "false"; }

}  // namespace

Participant* Conference::Find(std::string_view call_or_label) {
  for (Participant& participant : participants) {
    const bool by_label = !participant.label.empty() && participant.label == call_or_label;
    if (by_label || participant.call->sid == call_or_label) return &participant;
  }
  return nullptr;
}

ConferencePtr Conferences::Find(std::string_view account_sid, std::string_view sid_or_name) const {
  for (const ConferencePtr& conference : all_) {
    if (conference->account_sid != account_sid) continue;
    if (conference->sid == sid_or_name) return conference;
    if (conference->friendly_name == sid_or_name && conference->status != "completed") return conference;
  }
  return nullptr;
}

ConferencePtr Conferences::Join(const std::string& name, Participant participant, const Target& callback,
                                const std::set<std::string>& events) {
  const absl::Time now = exchange_.world().scheduler.Now();
  ConferencePtr conference = Find(participant.call->account_sid, name);
  if (conference == nullptr) {
    conference = std::make_shared<Conference>();
    conference->sid = NewSid("CF");
    conference->account_sid = participant.call->account_sid;
    conference->friendly_name = name;
    conference->created = now;
    conference->callback = callback;
    conference->events = events;
    all_.push_front(conference);
    if (all_.size() > kMostConferences) all_.pop_back();
  }
  conference->updated = now;
  by_call_[participant.call->sid] = conference;
  const bool starts = conference->status == "init" && participant.start_on_enter;
  conference->participants.push_back(std::move(participant));
  TellOf(*conference, conference->participants.back(), "join", "participant-join");
  if (starts) {
    conference->status = "in-progress";
    Tell(*conference, conference->participants.back().call, "start", "conference-start", {});
  }
  return conference;
}

void Conferences::Leave(const CallPtr& call, std::string_view reason) {
  const auto found = by_call_.find(call->sid);
  if (found != by_call_.end()) TakeOut(ConferencePtr(found->second), call, reason, false);
}

void Conferences::Remove(const ConferencePtr& conference, CallPtr call) {
  TakeOut(conference, std::move(call), "participant_updated_via_api", true);
}

void Conferences::TakeOut(const ConferencePtr& conference, CallPtr call, std::string_view reason, bool goes_on) {
  const auto found = std::find_if(conference->participants.begin(), conference->participants.end(),
                                  [&call](const Participant& participant) { return participant.call == call; });
  if (found == conference->participants.end()) return;
  const Participant left = std::move(*found);
  conference->participants.erase(found);
  by_call_.erase(call->sid);
  conference->updated = exchange_.world().scheduler.Now();
  TellOf(*conference, left, "leave", "participant-leave",
         {{"ReasonParticipantLeft", std::string(reason)},
          {"ParticipantCallStatus", std::string(ToText(left.call->status))}});
  if (left.end_on_exit) {
    End(conference, "participant-with-end-conference-on-exit-left");
  } else if (conference->participants.empty()) {
    End(conference, "last-participant-left");
  }
  if (goes_on && left.on_out) left.on_out();
}

void Conferences::End(const ConferencePtr& conference, std::string_view reason) {
  if (conference->status == "completed") return;
  conference->status = "completed";
  conference->reason_ended = reason;
  conference->updated = exchange_.world().scheduler.Now();
  const std::vector<Participant> out = std::exchange(conference->participants, {});
  for (const Participant& participant : out) {
    by_call_.erase(participant.call->sid);
    TellOf(*conference, participant, "leave", "participant-leave",
           {{"ReasonParticipantLeft", "moderator_ended_conference"},
            {"ParticipantCallStatus", std::string(ToText(participant.call->status))}});
  }
  for (const Participant& participant : out) {
    if (participant.on_out) participant.on_out();
  }
}

void Conferences::SetHold(const ConferencePtr& conference, Participant& participant, bool hold) {
  if (std::exchange(participant.hold, hold) == hold) return;
  TellOf(*conference, participant, "hold", hold ? "participant-hold" : "participant-unhold");
}

void Conferences::SetMuted(const ConferencePtr& conference, Participant& participant, bool muted) {
  if (std::exchange(participant.muted, muted) == muted) return;
  TellOf(*conference, participant, "mute", muted ? "participant-mute" : "participant-unmute");
}

void Conferences::TellOf(Conference& conference, const Participant& participant, std::string_view asked,
                         std::string_view event, const Form& more) {
  Form form = {{"CallSid", participant.call->sid},
               {"Muted", std::string(Flag(participant.muted))},
               {"Hold", std::string(Flag(participant.hold))},
               {"Coaching", "false"},
               {"StartConferenceOnEnter", std::string(Flag(participant.start_on_enter))},
               {"EndConferenceOnExit", std::string(Flag(participant.end_on_exit))}};
  if (!participant.label.empty()) form.emplace_back("ParticipantLabel", participant.label);
  form.insert(form.end(), more.begin(), more.end());
  Tell(conference, participant.call, asked, event, std::move(form));
}

void Conferences::Tell(Conference& conference, const CallPtr& call, std::string_view asked, std::string_view event,
                       Form more) {
  if (conference.callback.empty() || !conference.events.contains(std::string(asked))) return;
  Form form = {{"ConferenceSid", conference.sid},
               {"FriendlyName", conference.friendly_name},
               {"AccountSid", conference.account_sid},
               {"SequenceNumber", Concat(++conference.sequence_number)},
               {"Timestamp", Rfc2822(exchange_.world().scheduler.Now())},
               {"StatusCallbackEvent", std::string(event)}};
  form.insert(form.end(), more.begin(), more.end());
  exchange_.Notify(call, "conference", conference.callback, std::move(form));
}

}  // namespace trunkline::twin::twilio
