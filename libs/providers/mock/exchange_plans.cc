// Plans: verb by verb, as far as a made-up call needs it.
#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "libs/providers/mock/account_settings.h"
#include "libs/providers/mock/exchange.h"
#include "libs/telephony/call_status.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::providers::mock {
namespace {

using plans::v1::Verb;

constexpr absl::Duration kUntilAnswered = absl::Milliseconds(500);
constexpr absl::Duration kUntilKeyPressed = absl::Seconds(1);
constexpr absl::Duration kMessage = absl::Seconds(6);
constexpr absl::Duration kSound = absl::Seconds(5);
constexpr absl::Duration kPatienceInQueue = absl::Seconds(30);
constexpr absl::Duration kConference = absl::Seconds(30);
constexpr int64_t kCharactersPerSecond = 15;

// How long a verb takes that only plays or waits.
absl::Duration LengthOf(const Verb& verb) {
  switch (verb.kind_case()) {
    case Verb::kSay: {
      const auto characters = static_cast<int64_t>(verb.say().text().size());
      return absl::Seconds(1 + characters / kCharactersPerSecond) * std::max(1, verb.say().loop());
    }
    case Verb::kPlay:
      return (verb.play().digits().empty() ? kSound : absl::Seconds(1)) * std::max(1, verb.play().loop());
    case Verb::kPause:
      return std::max(absl::Seconds(1), telephony::FromProto(verb.pause().length()));
    default:
      return absl::ZeroDuration();
  }
}

std::string KeysFor(const plans::v1::Gather& gather) {
  constexpr std::string_view kPressed = "1234567890";
  const auto wanted = static_cast<size_t>(std::clamp(gather.max_digits(), 1, 10));
  return std::string(kPressed.substr(0, wanted));
}

}  // namespace

void Exchange::AskForPlan(const CallPtr& call, std::string step, std::string digits, std::string speech) {
  const std::string secret = call->account->Credential(kWebhookSecret);
  if (secret.empty() || plans_ == nullptr) {
    // Nobody says what to do: the two sides talk. A call that comes in waits to be answered.
    if (call->IsAnswered()) HangUpLater(call, call->script.talk);
    return;
  }
  PlanQuestion question{.account_id = call->account->id,
                        .secret = secret,
                        .call_id = call->placed ? call->call_id : "",
                        .external_call_id = call->external_call_id,
                        .step = std::move(step),
                        .inbound = call->IsInbound(),
                        .from = call->from,
                        .to = call->to,
                        .digits = std::move(digits),
                        .speech = std::move(speech)};
  plans_->Ask(std::move(question),
              [this, call, instructions = call->instructions](const absl::StatusOr<plans::v1::CallPlan>& plan) {
                const std::lock_guard lock(mutex_);
                if (call->ended_at.has_value() || call->instructions != instructions) return;
                if (plan.ok()) return StartPlan(call, *plan);
                Finish(call, call->IsAnswered() ? calls::v1::CALL_STATUS_COMPLETED : calls::v1::CALL_STATUS_FAILED,
                       calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP, calls::v1::HANGUP_SOURCE_SYSTEM);
              });
}

void Exchange::StartPlan(const CallPtr& call, const plans::v1::CallPlan& plan) {
  ++call->instructions;
  const Verbs verbs = std::make_shared<const std::deque<Verb>>(plan.verbs().begin(), plan.verbs().end());
  const bool refuses = !verbs->empty() && verbs->front().has_reject();
  if (call->IsAnswered() || refuses) return PlayVerb(call, verbs, 0);
  InstructionsLater(call, kUntilAnswered, [this, verbs](const CallPtr& rings) {
    PickUp(rings);
    PlayVerb(rings, verbs, 0);
  });
}

void Exchange::PlayVerb(const CallPtr& call, const Verbs& verbs, size_t at) {
  if (at >= verbs->size()) {
    return Finish(call, calls::v1::CALL_STATUS_COMPLETED, calls::v1::HANGUP_CAUSE_SYSTEM_HANGUP,
                  calls::v1::HANGUP_SOURCE_SYSTEM);
  }
  const Verb& verb = (*verbs)[at];
  const auto next = [this, verbs, at](const CallPtr& later) { PlayVerb(later, verbs, at + 1); };
  switch (verb.kind_case()) {
    case Verb::kGather:
      return PlayGather(call, verbs, at);
    case Verb::kDial:
      return PlayDial(call, verbs, at);
    case Verb::kRecord: {
      const RecordingPtr recording = Record(call);
      return InstructionsLater(call, kMessage, [this, recording, verbs, at](const CallPtr& later) {
        StopRecording(later, recording);
        GoOn(later, verbs, at, (*verbs)[at].record().step());
      });
    }
    case Verb::kEnqueue:
      Tell(call, events::v1::CALL_EVENT_TYPE_ENQUEUED, [](events::v1::CallEvent& event) {
        event.set_status(calls::v1::CALL_STATUS_QUEUED);
        event.mutable_details()->set_waited_in_queue(true);
      });
      return InstructionsLater(call, kPatienceInQueue,
                               [this](const CallPtr& tired) { HangUpLater(tired, absl::ZeroDuration()); });
    case Verb::kHold:
      return Move(call, calls::v1::CALL_STATUS_ON_HOLD, events::v1::CALL_EVENT_TYPE_HELD);
    case Verb::kConference:
      Tell(call, events::v1::CALL_EVENT_TYPE_CONFERENCE_CHANGED, [&verb](events::v1::CallEvent& event) {
        event.mutable_conference()->set_name(verb.conference().name());
        event.mutable_conference()->set_conference_id(verb.conference().name());
        event.mutable_conference()->set_change("join");
        event.mutable_details()->set_conference_id(verb.conference().name());
      });
      return InstructionsLater(call, kConference, next);
    case Verb::kStream:
      Tell(call, events::v1::CALL_EVENT_TYPE_STREAM_CHANGED,
           [](events::v1::CallEvent& event) { event.mutable_stream()->set_change("started"); });
      return InstructionsLater(call, absl::ZeroDuration(), next);
    case Verb::kContinue:
      return AskForPlan(call, verb.continue_().step());
    case Verb::kReject:
      return Finish(call, call->IsAnswered() ? calls::v1::CALL_STATUS_COMPLETED : calls::v1::CALL_STATUS_MISSED,
                    verb.reject().busy() ? calls::v1::HANGUP_CAUSE_BUSY : calls::v1::HANGUP_CAUSE_REJECTED,
                    calls::v1::HANGUP_SOURCE_SYSTEM);
    case Verb::kHangup:
      return PlayVerb(call, verbs, verbs->size());
    default:
      return InstructionsLater(call, LengthOf(verb), next);
  }
}

void Exchange::PlayGather(const CallPtr& call, const Verbs& verbs, size_t at) {
  const plans::v1::Gather& gather = (*verbs)[at].gather();
  absl::Duration prompts;
  for (const Verb& prompt : gather.prompts()) prompts += LengthOf(prompt);
  std::string keys = call->script.responds ? KeysFor(gather) : "";
  if (!call->keys.empty()) {
    keys = std::move(call->keys.front());
    call->keys.pop_front();
  }
  if (keys.empty()) {
    const absl::Duration timeout = gather.has_timeout() ? telephony::FromProto(gather.timeout()) : absl::Seconds(5);
    return InstructionsLater(call, prompts + timeout,
                             [this, verbs, at](const CallPtr& later) { PlayVerb(later, verbs, at + 1); });
  }
  InstructionsLater(call, prompts + kUntilKeyPressed, [this, keys, verbs, at](const CallPtr& later) {
    Tell(later, events::v1::CALL_EVENT_TYPE_DIGITS_RECEIVED,
         [&keys](events::v1::CallEvent& event) { event.mutable_digits()->set_digits(keys); });
    const std::string& step = (*verbs)[at].gather().step();
    if (step.empty()) return PlayVerb(later, verbs, at + 1);
    AskForPlan(later, step, keys);
  });
}

void Exchange::PlayDial(const CallPtr& call, const Verbs& verbs, size_t at) {
  const plans::v1::Dial& dial = (*verbs)[at].dial();
  const Script script = ScriptFor(dial.targets().empty() ? std::string_view() : std::string_view(dial.targets(0)));
  const absl::Duration patience =
      dial.has_ring_timeout() ? telephony::FromProto(dial.ring_timeout()) : absl::Seconds(30);
  const bool answers = script.pickup == Pickup::kAnswer && script.ring < patience && !dial.targets().empty();
  const absl::Duration talk = answers ? script.talk : absl::ZeroDuration();
  InstructionsLater(call, std::min(script.ring, patience) + talk, [this, answers, verbs, at](const CallPtr& later) {
    Tell(later, events::v1::CALL_EVENT_TYPE_DIALED_LEG_ENDED, [answers](events::v1::CallEvent& event) {
      const auto status = answers ? calls::v1::CALL_STATUS_COMPLETED : calls::v1::CALL_STATUS_NO_ANSWER;
      event.mutable_dialed_leg()->set_status(status);
      event.mutable_dialed_leg()->set_bridged(answers);
      event.mutable_details()->set_dialed_leg_status(status);
      event.mutable_details()->set_bridged(answers);
    });
    GoOn(later, verbs, at, (*verbs)[at].dial().step());
  });
}

void Exchange::GoOn(const CallPtr& call, const Verbs& verbs, size_t at, const std::string& step) {
  if (step.empty()) return PlayVerb(call, verbs, at + 1);
  AskForPlan(call, step);
}

}  // namespace trunkline::providers::mock
