#include "tools/provider-twin/twilio/exchange.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/twilio/call_form.h"
#include "tools/provider-twin/twilio/signed_webhook.h"
#include "tools/provider-twin/twilio/twiml_player.h"
#include "tools/provider-twin/twilio/wire_format.h"

namespace trunkline::twin::twilio {
namespace {

constexpr absl::Duration kUntilDialled = absl::Milliseconds(200);
constexpr absl::Duration kUntilRinging = absl::Milliseconds(600);
constexpr absl::Duration kUntilFailed = absl::Milliseconds(900);
constexpr absl::Duration kDetection = absl::Milliseconds(1500);
constexpr absl::Duration kDetectionOfEnd = absl::Milliseconds(4500);
constexpr absl::Duration kUntilRecordingIsReady = absl::Seconds(2);

// Not scaled, like every time that depends on networks only.
constexpr absl::Duration kUntilSeparated = absl::Milliseconds(700);

constexpr int kCannotFetch = 11200;
constexpr int kCannotParse = 12100;

std::string AnsweredBy(Listener listener, bool wait_for_end) {
  switch (listener) {
    case Listener::kHuman:
      return "human";
    case Listener::kMachine:
      return wait_for_end ? "machine_end_beep" : "machine_start";
    case Listener::kFax:
      return "fax";
    case Listener::kUnknown:
      return "unknown";
  }
  return "unknown";
}

}  // namespace

Exchange::Exchange(World& world, WebhookSender& sender, const Accounts& accounts, CallStore& store)
    : world_(world), sender_(sender), accounts_(accounts), store_(store) {}

// --- the beginning -------------------------------------------------------------------------------------------------

bool Exchange::MayPlace(const Account& account) {
  if (world_.settings.calls_per_second <= 0 || world_.settings.over_limit == OverLimit::kQueue) return true;
  // A second's worth of calls may come at once.
  const auto turn = next_turn_.find(account.sid);
  return turn == next_turn_.end() || turn->second < Now() + absl::Seconds(1);
}

absl::Duration Exchange::WaitForTurn(const Call& call) {
  if (world_.settings.calls_per_second <= 0) return absl::ZeroDuration();
  absl::Time& next = next_turn_[call.account_sid];
  const absl::Time turn = std::max(next, Now());
  next = turn + absl::Seconds(1 / world_.settings.calls_per_second);
  return world_.settings.over_limit == OverLimit::kQueue ? turn - Now() : absl::ZeroDuration();
}

void Exchange::Place(const CallPtr& call) {
  call->sid = NewSid("CA");
  call->created = call->updated = Now();
  call->script = ScriptFor(call->to);
  call->queue_time = WaitForTurn(*call);
  store_.Add(call);
  const absl::Duration wait = call->queue_time + world_.Scaled(kUntilDialled);
  world_.scheduler.After(wait, [this, call] { Dial(call); });
}

void Exchange::PlaceChild(const CallPtr& parent, const CallPtr& child, ChildEvents events) {
  child->sid = NewSid("CA");
  child->account_sid = parent->account_sid;
  child->parent_sid = parent->sid;
  child->direction = Direction::kOutboundDial;
  child->created = child->updated = Now();
  child->script = ScriptFor(child->to);
  parent->children.push_back(child);
  child_events_[child->sid] = std::move(events);
  store_.Add(child);
  WhileAlive(child, kUntilDialled, [this](const CallPtr& leg) { Dial(leg); });
}

void Exchange::Receive(const CallPtr& call, absl::Duration patience) {
  call->sid = NewSid("CA");
  call->direction = Direction::kInbound;
  call->status = CallStatus::kRinging;
  call->created = call->updated = Now();
  call->started = Now();
  store_.Add(call);
  WhileAlive(call, patience, [this](const CallPtr& leg) {
    End(leg, leg->answered ? CallStatus::kCompleted : CallStatus::kCanceled, 0, "the caller hung up");
  });
  StartInstructions(call, {});
}

void Exchange::Dial(const CallPtr& call) {
  if (IsFinal(call->status)) return;
  call->started = call->updated = Now();
  NotifyStatus(call, "initiated", "initiated");
  if (call->script.pickup == Pickup::kUnreachable) {
    WhileAlive(call, kUntilFailed, [this](const CallPtr& leg) {
      End(leg, CallStatus::kFailed, leg->script.sip_code, "the number is unreachable");
    });
    return;
  }
  WhileAlive(call, kUntilRinging, [this](const CallPtr& leg) { Ring(leg); });
}

void Exchange::Ring(const CallPtr& call) {
  call->status = CallStatus::kRinging;
  call->updated = Now();
  NotifyStatus(call, "ringing", "ringing");
  if (call->script.ring >= call->ring_timeout) {
    WhileAlive(call, call->ring_timeout,
               [this](const CallPtr& leg) { End(leg, CallStatus::kNoAnswer, 487, "nobody answered"); });
    return;
  }
  WhileAlive(call, call->script.ring, [this](const CallPtr& leg) {
    switch (leg->script.pickup) {
      case Pickup::kBusy:
        End(leg, CallStatus::kBusy, leg->script.sip_code, "the line is busy");
        return;
      case Pickup::kDeclined:
        End(leg, CallStatus::kBusy, leg->script.sip_code, "the callee declined");
        return;
      default:
        Answer(leg);
    }
  });
}

void Exchange::Answer(const CallPtr& call) {
  call->status = CallStatus::kInProgress;
  call->sip_code = 200;
  call->answered = call->updated = Now();
  NotifyStatus(call, "answered", "in-progress");
  if (call->time_limit) {
    WhileAlive(call, *call->time_limit,
               [this](const CallPtr& leg) { End(leg, CallStatus::kCompleted, 200, "the time limit is reached"); });
  }
  const auto events = child_events_.find(call->sid);
  if (events != child_events_.end()) {
    const auto answered = events->second.answered;
    answered(call);
    return;
  }
  WhileAlive(call, call->script.patience,
             [this](const CallPtr& leg) { End(leg, CallStatus::kCompleted, 200, "the callee hung up"); });
  if (call->record) call->recording_sid = StartRecording(call, "OutboundAPI", *call->record)->sid;
  if (call->machine_detection.enabled) {
    DetectMachine(call);
  } else {
    StartInstructions(call, {});
  }
}

void Exchange::AnswerInbound(const CallPtr& call) {
  if (call->status != CallStatus::kRinging) return;
  call->status = CallStatus::kInProgress;
  call->answered = call->updated = Now();
}

void Exchange::DetectMachine(const CallPtr& call) {
  const MachineDetection& detection = call->machine_detection;
  const absl::Duration took = detection.wait_for_end ? kDetectionOfEnd : kDetection;
  if (detection.asynchronous) StartInstructions(call, {});
  WhileAlive(call, took, [this, took](const CallPtr& leg) {
    leg->answered_by = AnsweredBy(leg->script.listener, leg->machine_detection.wait_for_end);
    if (leg->machine_detection.asynchronous) {
      Notify(leg, "amd", leg->machine_detection.callback, AsyncAmdParameters(*leg, took));
    } else {
      StartInstructions(leg, {{"MachineDetectionDuration", Concat(absl::ToInt64Milliseconds(took))}});
    }
  });
}

// --- instructions --------------------------------------------------------------------------------------------------

void Exchange::StartInstructions(const CallPtr& call, const Form& more) {
  if (!call->voice.empty()) {
    Fetch(call, call->voice, "voice", more);
  } else {
    PlayDocument(call, call->inline_twiml, {}, false);
  }
}

void Exchange::Redirect(const CallPtr& call) {
  ++call->epoch;
  Separate(call);
  conferences_.Leave(call, "participant_updated_via_api");
  if (const auto player = std::exchange(call->player, nullptr)) player->Abandon();
  call->updated = Now();
  const auto children = std::exchange(call->children, {});
  for (const auto& weak : children) {
    const CallPtr child = weak.lock();
    if (child != nullptr) {
      End(child, child->answered ? CallStatus::kCompleted : CallStatus::kCanceled, child->answered ? 200 : 487,
          "the other leg was redirected");
    }
  }
  StartInstructions(call, {});
}

void Exchange::Separate(const CallPtr& child) {
  const auto events = child_events_.find(child->sid);
  if (events == child_events_.end()) return;
  const auto ended = std::move(events->second.ended);
  child_events_.erase(events);
  if (const CallPtr parent = store_.Find(child->account_sid, child->parent_sid)) {
    std::erase_if(parent->children, [&child](const auto& weak) { return weak.lock() == child; });
  }
  WhileAlive(child, child->script.patience,
             [this](const CallPtr& leg) { End(leg, CallStatus::kCompleted, 200, "the callee hung up"); });
  // The other leg goes on with its own next instruction, a moment later.
  world_.scheduler.After(kUntilSeparated, [ended, child] { ended(child); });
}

void Exchange::Fetch(const CallPtr& call, const Target& target, std::string_view kind, const Form& more) {
  Ask(call, target, kind, more, false);
}

void Exchange::Ask(const CallPtr& call, const Target& target, std::string_view kind, const Form& more,
                   bool is_fallback) {
  Form params = CommonParameters(*call, ToText(call->status));
  params.insert(params.end(), more.begin(), more.end());
  Webhook webhook = MakeSignedWebhook(kind, call->sid, target, TokenOf(*call), std::move(params));
  webhook.is_notification = false;
  sender_.Send(std::move(webhook),
               [this, call, target, is_fallback, epoch = call->epoch](const absl::StatusOr<http::Response>& response) {
                 if (IsFinal(call->status) || call->epoch != epoch) return;
                 if (!response.ok() || response->status / 100 != 2) {
                   InstructionsFailed(call, kCannotFetch, target, is_fallback);
                 } else {
                   PlayDocument(call, response->body, target, is_fallback);
                 }
               });
}

void Exchange::PlayDocument(const CallPtr& call, std::string_view text, const Target& source, bool is_fallback) {
  const auto instructions = Instructions::Parse(text, source.url);
  if (!instructions.ok()) {
    InstructionsFailed(call, kCannotParse, source, is_fallback);
    return;
  }
  const auto player = std::make_shared<TwimlPlayer>(*this, *instructions);
  call->player = player;
  player->Start(call);
}

void Exchange::InstructionsFailed(const CallPtr& call, int error_code, const Target& source, bool is_fallback) {
  if (!is_fallback && !call->fallback.empty()) {
    Ask(call, call->fallback, "fallback", {{"ErrorCode", Concat(error_code)}, {"ErrorUrl", source.url}}, true);
    return;
  }
  // The person hears that an application error has occurred, so an incoming call is answered for that.
  AnswerInbound(call);
  End(call, CallStatus::kCompleted, call->sip_code,
      error_code == kCannotParse ? "the instructions do not parse" : "the instructions cannot be fetched");
}

// --- the end -------------------------------------------------------------------------------------------------------

void Exchange::End(const CallPtr& call, CallStatus status, int sip_code, std::string_view reason) {
  if (IsFinal(call->status)) return;
  call->status = status;
  call->ended = call->updated = Now();
  call->end_reason = reason;
  if (call->direction != Direction::kInbound) call->sip_code = sip_code;
  if (call->answered) {
    const absl::Duration talk = world_.Unscaled(*call->ended - *call->answered);
    call->duration_seconds = static_cast<int64_t>(std::llround(absl::ToDoubleSeconds(talk)));
  }
  ++call->epoch;

  conferences_.Leave(call, "participant_hung_up");
  for (const auto& weak : std::exchange(call->children, {})) {
    if (const CallPtr child = weak.lock()) {
      End(child, child->answered ? CallStatus::kCompleted : CallStatus::kCanceled, child->answered ? 200 : 487,
          "the other leg ended");
    }
  }
  if (const auto player = std::exchange(call->player, nullptr)) player->OnHangup(call);
  for (const RecordingPtr& recording : call->recordings) StopRecording(recording);
  NotifyStatus(call, "completed", ToText(status));
  const auto events = child_events_.find(call->sid);
  if (events != child_events_.end()) {
    const auto ended = std::move(events->second.ended);
    child_events_.erase(events);
    ended(call);
  }
}

void Exchange::Reset() {
  for (const CallPtr& call : store_.calls()) {
    if (!IsFinal(call->status)) call->status = CallStatus::kCanceled;
    if (const auto player = std::exchange(call->player, nullptr)) player->Abandon();
  }
  child_events_.clear();
  conferences_.Clear();
  next_turn_.clear();
}

// --- recordings ----------------------------------------------------------------------------------------------------

RecordingPtr Exchange::StartRecording(const CallPtr& call, std::string_view source, const RecordingWish& wish) {
  auto recording = std::make_shared<Recording>();
  recording->sid = NewSid("RE");
  recording->account_sid = call->account_sid;
  recording->call_sid = call->sid;
  recording->source = source;
  recording->wish = wish;
  recording->started = recording->updated = Now();
  store_.AddRecording(recording);
  call->recordings.push_back(recording);
  if (wish.events.contains("in-progress")) {
    Notify(call, "recording", wish.callback, RecordingParameters(*recording, "in-progress", world_.public_url));
  }
  return recording;
}

void Exchange::StopRecording(const RecordingPtr& recording) {
  if (recording->status != "in-progress" && recording->status != "paused") return;
  recording->status = "processing";
  recording->updated = Now();
  const absl::Duration length = world_.Unscaled(Now() - recording->started);
  recording->duration_seconds = static_cast<int64_t>(std::llround(absl::ToDoubleSeconds(length)));
  world_.scheduler.After(world_.Scaled(kUntilRecordingIsReady), [this, recording] {
    recording->status = "completed";
    recording->updated = Now();
    const CallPtr call = store_.Find(recording->account_sid, recording->call_sid);
    if (call == nullptr || !recording->wish.events.contains("completed")) return;
    Notify(call, "recording", recording->wish.callback,
           RecordingParameters(*recording, "completed", world_.public_url));
  });
}

// --- helpers -------------------------------------------------------------------------------------------------------

void Exchange::WhileAlive(const CallPtr& call, absl::Duration simulated,
                          std::function<void(const CallPtr& call)> task) {
  if (simulated == absl::InfiniteDuration()) return;
  world_.scheduler.After(world_.Scaled(simulated), [weak = std::weak_ptr<Call>(call), moved = std::move(task)] {
    const CallPtr alive = weak.lock();
    if (alive != nullptr && !IsFinal(alive->status)) moved(alive);
  });
}

void Exchange::Later(const CallPtr& call, absl::Duration simulated, std::function<void()> task) {
  if (simulated == absl::InfiniteDuration()) return;
  world_.scheduler.After(world_.Scaled(simulated), [call, epoch = call->epoch, moved = std::move(task)] {
    if (!IsFinal(call->status) && call->epoch == epoch) moved();
  });
}

void Exchange::Notify(const CallPtr& call, std::string_view kind, const Target& target, Form params) {
  if (target.empty()) return;
  sender_.Send(MakeSignedWebhook(kind, call->sid, target, TokenOf(*call), std::move(params)));
}

void Exchange::NotifyStatus(const CallPtr& call, std::string_view event, std::string_view status) {
  if (call->status_callback.empty() || !call->status_events.contains(std::string(event))) return;
  Form params = StatusParameters(*call, status, Now());
  ++call->sequence_number;
  if (IsFinal(call->status)) {
    const RecordingPtr recording =
        call->recording_sid.empty() ? nullptr : store_.FindRecording(call->account_sid, call->recording_sid);
    AddFinalParameters(*call, recording.get(), world_.public_url, params);
  }
  Notify(call, "status", call->status_callback, std::move(params));
}

std::string Exchange::TokenOf(const Call& call) const {
  const Account* account = accounts_.Find(call.account_sid);
  return account == nullptr ? std::string() : account->auth_token;
}

}  // namespace trunkline::twin::twilio
