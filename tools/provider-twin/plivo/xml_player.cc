#include "tools/provider-twin/plivo/xml_player.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/plivo/dial_element.h"
#include "tools/provider-twin/plivo/exchange.h"
#include "tools/provider-twin/plivo/webhook_form.h"
#include "tools/provider-twin/plivo/wire_format.h"

namespace trunkline::twin::plivo {
namespace {

constexpr absl::Duration kUntilKeyPressed = absl::Seconds(1);
constexpr absl::Duration kLengthOfMessage = absl::Seconds(6);
constexpr absl::Duration kPatienceInRoom = absl::Seconds(30);

// How long <Speak>, <Play>, <Wait> or <DTMF> takes; infinite for loop="0".
absl::Duration PlayingTime(pugi::xml_node verb) {
  const std::string_view name = verb.name();
  if (name == "Wait") return SecondsAttribute(verb, "length", absl::Seconds(1));
  if (name == "Speak") return Looped(verb, SpeakingTime(TextOf(verb)));
  if (name == "DTMF") return PressingTime(TextOf(verb));
  return Looped(verb, kLengthOfSound);
}

bool IsTrue(pugi::xml_node element, const char* name, const char* fallback) {
  return Attribute(element, name, fallback) == "true";
}

}  // namespace

XmlPlayer::XmlPlayer(Exchange& exchange, Instructions instructions)
    : exchange_(exchange), instructions_(std::move(instructions)), position_(instructions_.first_verb()) {}

void XmlPlayer::Start(const CallPtr& call) {
  // Only a <Hangup> in the first place leaves an incoming call unanswered.
  if (position_ && std::string_view(position_.name()) != "Hangup") exchange_.AnswerInbound(call);
  Next(call);
}

void XmlPlayer::OnHangup(const CallPtr& call) {
  if (const auto report = std::exchange(on_hangup_, nullptr)) report(call);
}

void XmlPlayer::Next(const CallPtr& call) {
  const auto self = shared_from_this();  // ending the call lets go of the player
  on_hangup_ = nullptr;
  if (!position_) return exchange_.End(call, CallStatus::kCompleted, kEndOfXml);
  const pugi::xml_node element = std::exchange(position_, NextElement(position_));
  Do(call, element);
}

void XmlPlayer::Do(const CallPtr& call, pugi::xml_node element) {
  const std::string_view name = element.name();
  if (name == "Speak" || name == "Play" || name == "Wait" || name == "DTMF") return Wait(call, PlayingTime(element));
  if (name == "GetDigits" || name == "GetInput") return Gather(call, element);
  if (name == "Dial") return DialElement::Start(shared_from_this(), call, element);
  if (name == "Record") return Record(call, element);
  if (name == "Conference" || name == "MultiPartyCall") return EnterRoom(call, element);
  if (name == "Stream") return Stream(call, element);
  if (name == "Hangup") return HangUp(call, element);
  if (name == "Redirect") {
    const Target target{ResolveUrl(instructions_.url(), TextOf(element)), Attribute(element, "method", "POST")};
    return exchange_.Fetch(call, target, "redirect", "Redirect", {});
  }
  // Plivo knows no other element.
  exchange_.End(call, CallStatus::kCompleted, kBadXml);
}

void XmlPlayer::Wait(const CallPtr& call, absl::Duration simulated) {
  exchange_.Later(call, simulated, [self = shared_from_this(), call] { self->Next(call); });
}

void XmlPlayer::Gather(const CallPtr& call, pugi::xml_node element) {
  absl::Duration prompt;
  for (pugi::xml_node child = ElementFrom(element.first_child()); child; child = NextElement(child)) {
    prompt += PlayingTime(child);
  }
  std::string keys = call->script.responds ? ScriptedKeys(element) : "";
  if (!call->digits.empty()) {
    keys = std::move(call->digits.front());
    call->digits.pop_front();
  }
  if (keys.empty()) {
    const bool get_input = std::string_view(element.name()) == "GetInput";
    const absl::Duration timeout =
        SecondsAttribute(element, get_input ? "executionTimeout" : "timeout", absl::Seconds(get_input ? 15 : 5));
    return Wait(call, prompt + timeout);
  }
  Form params = {{"Digits", keys}};
  const std::string inputs = Attribute(element, "inputType");
  if (inputs == "speech") {
    params = {{"Digits", ""}, {"Speech", "Yes please."}, {"SpeechConfidenceScore", "0.93"}};
  }
  if (!inputs.empty()) {
    params.emplace_back("InputType", inputs == "speech" ? "speech" : "dtmf");
    params.emplace_back("BilledAmount", "0.02000");
  }
  // Pressed while the prompt is still playing if that has no end.
  const absl::Duration until = prompt == absl::InfiniteDuration() ? kUntilKeyPressed : prompt + kUntilKeyPressed;
  exchange_.Later(call, until, [self = shared_from_this(), call, element, params] {
    self->AskAction(call, element, "gather", "Redirect", params);
  });
}

void XmlPlayer::Record(const CallPtr& call, pugi::xml_node element) {
  const RecordingPtr recording = exchange_.StartRecording(call, TargetOf(element, "callbackUrl", "callbackMethod"),
                                                          Attribute(element, "fileFormat", "mp3"));
  const auto params = [this, recording](const Call& of, std::string_view digits) {
    Form form = RecordingParameters(of, *recording, exchange_.world().public_url);
    form.emplace_back("Digits", digits);
    return form;
  };
  // In the background: the action comes at once, with lengths of -1.
  if (IsTrue(element, "recordSession", "false") || IsTrue(element, "startOnDialAnswer", "false")) {
    exchange_.Notify(call, "record", TargetOf(element, "action", "method"), params(*call, ""));
    exchange_.Later(call, absl::ZeroDuration(), [self = shared_from_this(), call] { self->Next(call); });
    return;
  }
  on_hangup_ = [this, params, recording, action = TargetOf(element, "action", "method")](const CallPtr& ended) {
    exchange_.StopRecording(recording);
    exchange_.Notify(ended, "record", action, params(*ended, "hangup"));
  };
  const absl::Duration length = std::min(kLengthOfMessage, SecondsAttribute(element, "maxLength", absl::Seconds(60)));
  exchange_.Later(call, length, [self = shared_from_this(), call, element, recording, params] {
    self->exchange_.StopRecording(recording);
    self->AskAction(call, element, "record", "Record", params(*call, ""));
  });
}

void XmlPlayer::EnterRoom(const CallPtr& call, pugi::xml_node element) {
  const bool multi_party = std::string_view(element.name()) == "MultiPartyCall";
  Member member;
  member.role = multi_party ? Lower(Attribute(element, "role")) : std::string();
  member.muted = IsTrue(element, multi_party ? "mute" : "muted", "false");
  member.ends_room = IsTrue(element, multi_party ? "endMpcOnExit" : "endConferenceOnExit", "false");
  member.callback = multi_party ? TargetOf(element, "statusCallbackUrl", "statusCallbackMethod")
                                : TargetOf(element, "callbackUrl", "callbackMethod");
  exchange_.EnterRoom(call, TextOf(element), multi_party, std::move(member));
  const bool waits = !IsTrue(element, multi_party ? "startMpcOnEnter" : "startConferenceOnEnter", "true");
  const Target music = TargetOf(element, "waitSound", "waitMethod");
  if (waits && !music.empty()) exchange_.Notify(call, "wait", music, CommonParameters(*call, ""));
  exchange_.Later(call, kPatienceInRoom, [self = shared_from_this(), call, waits] {
    if (waits) {
      const bool inbound = call->direction == Direction::kInbound;
      self->exchange_.End(call, CallStatus::kCompleted, inbound ? kCallerHungUp : kCalleeHungUp);
      return;
    }
    self->exchange_.LeaveRooms(call);
    if (!IsFinal(call->status)) self->Next(call);
  });
}

void XmlPlayer::Stream(const CallPtr& call, pugi::xml_node element) {
  const Target callback = TargetOf(element, "statusCallbackUrl", "statusCallbackMethod");
  const std::string stream = NewCallUuid();
  const auto tell = [this, callback, stream](const CallPtr& of, const char* event) {
    exchange_.Notify(of, "stream", callback,
                     {{"CallUUID", of->uuid},
                      {"Direction", std::string(ToText(of->direction))},
                      {"Event", event},
                      {"From", WireNumber(of->from)},
                      {"StreamID", stream},
                      {"Timestamp", UtcTime(exchange_.world().scheduler.Now())},
                      {"To", WireNumber(of->to)}});
  };
  tell(call, "StartStream");
  const bool blocks = IsTrue(element, "keepCallAlive", "false");
  exchange_.Later(call, blocks ? kLengthOfMessage : absl::ZeroDuration(),
                  [self = shared_from_this(), call, tell, blocks] {
                    if (blocks) tell(call, "StopStream");
                    self->Next(call);
                  });
}

void XmlPlayer::HangUp(const CallPtr& call, pugi::xml_node element) {
  if (call->status == CallStatus::kRinging) {
    const bool busy = Attribute(element, "reason") == "busy";
    return exchange_.End(call, busy ? CallStatus::kBusy : CallStatus::kFailed, busy ? kBusyByXml : kRejectedByXml);
  }
  exchange_.End(call, CallStatus::kCompleted, kXmlHungUp);
}

void XmlPlayer::AskAction(const CallPtr& call, pugi::xml_node element, const char* kind, const char* event,
                          const Form& params) {
  const auto self = shared_from_this();
  const Target action = TargetOf(element, "action", "method");
  on_hangup_ = nullptr;
  if (!action.empty() && IsTrue(element, "redirect", "true")) {
    return exchange_.Fetch(call, action, kind, event, params);
  }
  Form form = CommonParameters(*call, event);
  form.insert(form.end(), params.begin(), params.end());
  exchange_.Notify(call, kind, action, std::move(form));
  Next(call);
}

Target XmlPlayer::TargetOf(pugi::xml_node element, const char* url, const char* method) const {
  const std::string reference = Attribute(element, url);
  if (reference.empty()) return {};
  return {ResolveUrl(instructions_.url(), reference), Attribute(element, method, "POST")};
}

}  // namespace trunkline::twin::plivo
