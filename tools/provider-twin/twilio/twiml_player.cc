#include "tools/provider-twin/twilio/twiml_player.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/twilio/call_form.h"
#include "tools/provider-twin/twilio/dial_verb.h"
#include "tools/provider-twin/twilio/exchange.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

constexpr absl::Duration kUntilKeyPressed = absl::Seconds(1);
constexpr absl::Duration kLengthOfMessage = absl::Seconds(6);
constexpr absl::Duration kPatienceInQueue = absl::Seconds(30);
constexpr absl::Duration kLengthOfConnection = absl::Seconds(10);

// How long <Say>, <Play> or <Pause> takes; infinite for loop="0".
absl::Duration PlayingTime(pugi::xml_node verb) {
  const std::string_view name = verb.name();
  if (name == "Pause") return SecondsAttribute(verb, "length", absl::Seconds(1));
  if (name == "Say") return Looped(verb, SpeakingTime(TextOf(verb)));
  const std::string digits = Attribute(verb, "digits");
  return digits.empty() ? Looped(verb, kLengthOfSound) : PressingTime(digits);
}

std::set<std::string> EventsIn(const std::string& text, std::string_view fallback) {
  std::set<std::string> events;
  for (const std::string_view event : Split(text.empty() ? fallback : std::string_view(text), ' ')) {
    if (!event.empty()) events.emplace(event);
  }
  return events;
}

}  // namespace

TwimlPlayer::TwimlPlayer(Exchange& exchange, Instructions instructions)
    : exchange_(exchange), instructions_(std::move(instructions)), position_(instructions_.first_verb()) {}

void TwimlPlayer::Start(const CallPtr& call) {
  // Only a <Reject> in the first place leaves an incoming call unanswered.
  if (std::string_view(position_.name()) != "Reject") exchange_.AnswerInbound(call);
  Next(call);
}

void TwimlPlayer::OnHangup(const CallPtr& call) {
  if (const auto report = std::exchange(on_hangup_, nullptr)) report(call);
}

void TwimlPlayer::Next(const CallPtr& call) {
  const auto self = shared_from_this();  // ending the call lets go of the player
  on_hangup_ = nullptr;
  if (!position_) {
    exchange_.End(call, CallStatus::kCompleted, 200, "the instructions ended");
    return;
  }
  const pugi::xml_node verb = std::exchange(position_, NextElement(position_));
  Do(call, verb);
}

void TwimlPlayer::Do(const CallPtr& call, pugi::xml_node verb) {
  const std::string_view name = verb.name();
  if (name == "Say" || name == "Play" || name == "Pause") return Wait(call, PlayingTime(verb));
  if (name == "Gather") return Gather(call, verb);
  if (name == "Dial") return DialVerb::Start(shared_from_this(), call, verb);
  if (name == "Record") return Record(call, verb);
  if (name == "Enqueue") return Enqueue(call, verb);
  if (name == "Reject") return Reject(call, verb);
  if (name == "Hangup") return exchange_.End(call, CallStatus::kCompleted, 200, "the instructions hung up");
  if (name == "Redirect") {
    const Target target{ResolveUrl(instructions_.url(), TextOf(verb)), Attribute(verb, "method", "POST")};
    return exchange_.Fetch(call, target, "redirect", {});
  }
  if (name == "Connect" || name == "Refer") {
    return exchange_.Later(call, kLengthOfConnection,
                           [self = shared_from_this(), call, verb] { self->AskAction(call, verb, "action", {}); });
  }
  // Start and Stop do not block; what is unknown is passed over with a warning that nobody sees here.
  exchange_.Later(call, absl::ZeroDuration(), [self = shared_from_this(), call] { self->Next(call); });
}

void TwimlPlayer::Wait(const CallPtr& call, absl::Duration simulated) {
  exchange_.Later(call, simulated, [self = shared_from_this(), call] { self->Next(call); });
}

void TwimlPlayer::Gather(const CallPtr& call, pugi::xml_node verb) {
  absl::Duration prompt;
  for (pugi::xml_node child = ElementFrom(verb.first_child()); child; child = NextElement(child)) {
    prompt += PlayingTime(child);
  }
  std::string keys = call->script.responds ? ScriptedKeys(verb) : "";
  if (!call->digits.empty()) {
    keys = std::move(call->digits.front());
    call->digits.pop_front();
  }
  const bool speech_only = Attribute(verb, "input", "dtmf") == "speech";
  Form params;
  if (!keys.empty() && speech_only) {
    params = {{"SpeechResult", "Yes please."},
              {"Confidence", "0.9128386"},
              {"Language", Attribute(verb, "language", "en-US")}};
  } else {
    const bool enough = ParseInt(Attribute(verb, "numDigits")).value_or(0) == static_cast<int64_t>(keys.size());
    const std::string finish = keys.empty() || enough ? "" : Attribute(verb, "finishOnKey", "#");
    params = {{"Digits", keys}, {"FinishedOnKey", finish}, {"msg", "Gather End"}};
  }
  if (!keys.empty()) {
    // Pressed while the prompt is still playing if that has no end.
    const absl::Duration until = prompt == absl::InfiniteDuration() ? kUntilKeyPressed : prompt + kUntilKeyPressed;
    exchange_.Later(call, until, [self = shared_from_this(), call, verb, params] {
      self->exchange_.Fetch(call, self->ActionOf(verb, self->instructions_.url()), "gather", params);
    });
    return;
  }
  const bool asks_anyway = Attribute(verb, "actionOnEmptyResult") == "true";
  exchange_.Later(call, prompt + SecondsAttribute(verb, "timeout", absl::Seconds(5)),
                  [self = shared_from_this(), call, verb, params, asks_anyway] {
                    if (asks_anyway) {
                      self->exchange_.Fetch(call, self->ActionOf(verb, self->instructions_.url()), "gather", params);
                    } else {
                      self->Next(call);
                    }
                  });
}

void TwimlPlayer::Record(const CallPtr& call, pugi::xml_node verb) {
  const RecordingPtr recording = exchange_.StartRecording(call, "RecordVerb", RecordingWishOf(verb));
  const Target action = ActionOf(verb, instructions_.url());
  const auto params = [this, recording](std::string_view digits) {
    exchange_.StopRecording(recording);
    return Form{{"RecordingUrl", RecordingUrl(*recording, exchange_.world().public_url)},
                {"RecordingSid", recording->sid},
                {"RecordingDuration", Concat(recording->duration_seconds)},
                {"Digits", std::string(digits)}};
  };
  on_hangup_ = [this, params, action](const CallPtr& ended) {
    Form form = CommonParameters(*ended, ToText(ended->status));
    const Form more = params("hangup");
    form.insert(form.end(), more.begin(), more.end());
    exchange_.Notify(ended, "record", action, std::move(form));
  };
  const absl::Duration length = std::min(kLengthOfMessage, SecondsAttribute(verb, "maxLength", absl::Hours(1)));
  exchange_.Later(call, length, [self = shared_from_this(), call, params, action] {
    self->on_hangup_ = nullptr;
    self->exchange_.Fetch(call, action, "record", params(""));
  });
}

void TwimlPlayer::Enqueue(const CallPtr& call, pugi::xml_node verb) {
  const std::string queue_sid = NewSid("QU");
  const auto waited = [this, since = exchange_.world().scheduler.Now()] {
    const absl::Duration simulated = exchange_.world().Unscaled(exchange_.world().scheduler.Now() - since);
    return Concat(absl::ToInt64Seconds(simulated));
  };
  const Target music = TargetOf(verb, "waitUrl", "waitUrlMethod");
  if (!music.empty()) {
    Form form = CommonParameters(*call, ToText(call->status));
    const Form more = {{"QueueSid", queue_sid},   {"QueueTime", "0"},
                       {"AvgQueueTime", "0"},     {"QueuePosition", "1"},
                       {"CurrentQueueSize", "1"}, {"MaxQueueSize", Attribute(verb, "maxQueueSize", "100")}};
    form.insert(form.end(), more.begin(), more.end());
    exchange_.Notify(call, "wait", music, std::move(form));
  }
  if (!Attribute(verb, "action").empty()) {
    on_hangup_ = [this, queue_sid, waited, action = ActionOf(verb)](const CallPtr& ended) {
      Form form = CommonParameters(*ended, ToText(ended->status));
      form.emplace_back("QueueResult", "hangup");
      form.emplace_back("QueueSid", queue_sid);
      form.emplace_back("QueueTime", waited());
      exchange_.Notify(ended, "enqueue", action, std::move(form));
    };
  }
  exchange_.Later(call, kPatienceInQueue, [self = shared_from_this(), call] {
    self->exchange_.End(call, CallStatus::kCompleted, 200, "gave up waiting in the queue");
  });
}

void TwimlPlayer::Reject(const CallPtr& call, pugi::xml_node verb) {
  if (call->status != CallStatus::kRinging) {
    exchange_.End(call, CallStatus::kCompleted, 200, "the instructions rejected an answered call");
    return;
  }
  const bool busy = Attribute(verb, "reason", "rejected") == "busy";
  exchange_.End(call, busy ? CallStatus::kBusy : CallStatus::kNoAnswer, 0, "the instructions rejected the call");
}

void TwimlPlayer::AskAction(const CallPtr& call, pugi::xml_node verb, const char* kind, const Form& params) {
  if (Attribute(verb, "action").empty()) {
    Next(call);
  } else {
    on_hangup_ = nullptr;
    exchange_.Fetch(call, ActionOf(verb), kind, params);
  }
}

Target TwimlPlayer::ActionOf(pugi::xml_node verb, std::string_view fallback) const {
  const std::string action = Attribute(verb, "action", fallback);
  return {ResolveUrl(instructions_.url(), action), Attribute(verb, "method", "POST")};
}

Target TwimlPlayer::TargetOf(pugi::xml_node node, const char* url, const char* method) const {
  const std::string reference = Attribute(node, url);
  if (reference.empty()) return {};
  return {ResolveUrl(instructions_.url(), reference), Attribute(node, method, "POST")};
}

RecordingWish TwimlPlayer::RecordingWishOf(pugi::xml_node verb) const {
  RecordingWish wish;
  wish.callback = TargetOf(verb, "recordingStatusCallback", "recordingStatusCallbackMethod");
  wish.events = EventsIn(Attribute(verb, "recordingStatusCallbackEvent"), "completed");
  wish.track = Attribute(verb, "recordingTrack", "both");
  if (Attribute(verb, "record").ends_with("-dual")) wish.channels = 2;
  return wish;
}

}  // namespace trunkline::twin::twilio
