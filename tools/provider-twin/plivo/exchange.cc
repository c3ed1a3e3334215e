#include "tools/provider-twin/plivo/exchange.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/plivo/signed_webhook.h"
#include "tools/provider-twin/plivo/webhook_form.h"
#include "tools/provider-twin/plivo/wire_format.h"
#include "tools/provider-twin/plivo/xml_player.h"

namespace trunkline::twin::plivo {
namespace {

constexpr absl::Duration kUntilDialled = absl::Milliseconds(200);
constexpr absl::Duration kUntilRinging = absl::Milliseconds(600);
constexpr absl::Duration kUntilFailed = absl::Milliseconds(900);
constexpr absl::Duration kDetection = absl::Milliseconds(1500);
constexpr absl::Duration kUntilRecordingIsReady = absl::Seconds(2);

bool IsMachine(Listener listener) { return listener == Listener::kMachine || listener == Listener::kFax; }

}  // namespace

Exchange::Exchange(World& world, WebhookSender& sender, const Accounts& accounts, CallStore& store, Rooms& rooms)
    : world_(world), sender_(sender), accounts_(accounts), store_(store), rooms_(rooms) {}

// --- the beginning -------------------------------------------------------------------------------------------------

bool Exchange::MayPlace(const Account& account) {
  if (world_.settings.calls_per_second <= 0 || world_.settings.over_limit == OverLimit::kQueue) return true;
  // A second's worth of calls may come at once.
  const auto turn = next_turn_.find(account.auth_id);
  return turn == next_turn_.end() || turn->second < Now() + absl::Seconds(1);
}

absl::Duration Exchange::WaitForTurn(const Call& call) {
  if (world_.settings.calls_per_second <= 0) return absl::ZeroDuration();
  absl::Time& next = next_turn_[call.auth_id];
  const absl::Time turn = std::max(next, Now());
  next = turn + absl::Seconds(1 / world_.settings.calls_per_second);
  return world_.settings.over_limit == OverLimit::kQueue ? turn - Now() : absl::ZeroDuration();
}

void Exchange::Place(const CallPtr& call) {
  call->uuid = NewCallUuid();
  call->created = Now();
  call->script = ScriptFor(call->to);
  store_.Add(call);
  world_.scheduler.After(WaitForTurn(*call) + world_.Scaled(kUntilDialled), [this, call] { Dial(call); });
}

void Exchange::PlaceLeg(const CallPtr& parent, const CallPtr& leg, LegEvents events) {
  if (parent != nullptr) {
    leg->auth_id = parent->auth_id;
    leg->parent_uuid = parent->uuid;
  }
  leg->uuid = NewCallUuid();
  leg->created = Now();
  leg->script = ScriptFor(leg->to);
  if (parent != nullptr) parent->children.push_back(leg);
  leg_events_[leg->uuid] = std::move(events);
  store_.Add(leg);
  WhileAlive(leg, kUntilDialled, [this](const CallPtr& call) { Dial(call); });
}

void Exchange::Receive(const CallPtr& call, absl::Duration patience) {
  call->uuid = NewCallUuid();
  call->direction = Direction::kInbound;
  call->status = CallStatus::kRinging;
  call->dialled = true;
  call->created = Now();
  call->started = Now();
  store_.Add(call);
  WhileAlive(call, patience, [this](const CallPtr& leg) {
    End(leg, leg->answered ? CallStatus::kCompleted : CallStatus::kCanceled,
        leg->answered ? kCallerHungUp : kCallerCanceled);
  });
  Fetch(call, call->answer, "answer", "StartApp", {});
}

void Exchange::Dial(const CallPtr& call) {
  if (IsFinal(call->status)) return;
  call->dialled = true;
  call->started = Now();
  if (call->script.pickup == Pickup::kUnreachable) {
    WhileAlive(call, kUntilFailed, [this](const CallPtr& leg) { End(leg, CallStatus::kFailed, kUnallocated); });
    return;
  }
  WhileAlive(call, kUntilRinging, [this](const CallPtr& leg) { Ring(leg); });
}

void Exchange::Ring(const CallPtr& call) {
  call->status = CallStatus::kRinging;
  Notify(call, "ring", call->ring, CommonParameters(*call, "Ring"));
  if (call->script.ring >= call->ring_timeout) {
    WhileAlive(call, call->ring_timeout, [this](const CallPtr& leg) { End(leg, CallStatus::kTimeout, kRingTimeout); });
    return;
  }
  WhileAlive(call, call->script.ring, [this](const CallPtr& leg) {
    switch (leg->script.pickup) {
      case Pickup::kBusy:
        return End(leg, CallStatus::kBusy, kBusyLine);
      case Pickup::kDeclined:
        return End(leg, CallStatus::kBusy, kRejected);
      default:
        Answer(leg);
    }
  });
}

void Exchange::Answer(const CallPtr& call) {
  call->status = CallStatus::kInProgress;
  call->answered = Now();
  WhileAlive(call, call->time_limit, [this](const CallPtr& leg) { End(leg, CallStatus::kCompleted, kScheduled); });
  if (const auto events = leg_events_.find(call->uuid); events != leg_events_.end()) {
    const auto answered = events->second.answered;
    answered(call);
    return;
  }
  WhileAlive(call, call->script.patience,
             [this](const CallPtr& leg) { End(leg, CallStatus::kCompleted, kCalleeHungUp); });
  if (call->detect_machine) DetectMachine(call);
  Fetch(call, call->answer, "answer", "StartApp", {});
}

void Exchange::AnswerInbound(const CallPtr& call) {
  if (call->status != CallStatus::kRinging) return;
  call->status = CallStatus::kInProgress;
  call->answered = Now();
}

void Exchange::DetectMachine(const CallPtr& call) {
  WhileAlive(call, kDetection, [this](const CallPtr& leg) {
    Form form = CommonParameters(*leg, "MachineDetection");
    form.emplace_back("Machine", IsMachine(leg->script.listener) ? "true" : "false");
    Notify(leg, "amd", leg->machine_detection, std::move(form));
    if (leg->hangup_on_machine && IsMachine(leg->script.listener)) {
      End(leg, CallStatus::kCompleted, kMachineDetected);
    }
  });
}

// --- instructions --------------------------------------------------------------------------------------------------

void Exchange::BreakOff(const CallPtr& call) {
  ++call->epoch;
  if (const auto player = std::exchange(call->player, nullptr)) player->Abandon();
  for (const auto& weak : std::exchange(call->children, {})) {
    if (const CallPtr child = weak.lock()) {
      End(child, child->answered ? CallStatus::kCompleted : CallStatus::kCanceled,
          child->answered ? kApiHungUp : kApiCanceled);
    }
  }
  LeaveRooms(call);
}

void Exchange::Transfer(const CallPtr& call, const Target& target) {
  BreakOff(call);
  Fetch(call, target, "transfer", "Redirect", {});
}

void Exchange::Fetch(const CallPtr& call, const Target& target, std::string_view kind, std::string_view event,
                     const Form& more) {
  Form params = CommonParameters(*call, event);
  params.insert(params.end(), more.begin(), more.end());
  Ask(call, target, kind, std::move(params), false);
}

void Exchange::Ask(const CallPtr& call, const Target& target, std::string_view kind, Form params, bool is_fallback) {
  Webhook webhook = MakeSignedWebhook(kind, call->uuid, target, TokenOf(*call), std::move(params));
  webhook.is_notification = false;
  sender_.Send(std::move(webhook),
               [this, call, target, is_fallback, epoch = call->epoch](const absl::StatusOr<http::Response>& response) {
                 if (IsFinal(call->status) || call->epoch != epoch) return;
                 if (!response.ok() || response->status / 100 != 2) {
                   InstructionsFailed(call, kNoAnswerUrl, is_fallback);
                 } else {
                   PlayDocument(call, response->body, target, is_fallback);
                 }
               });
}

void Exchange::PlayDocument(const CallPtr& call, std::string_view text, const Target& source, bool is_fallback) {
  const auto instructions = Instructions::Parse(text, source.url);
  if (!instructions.ok()) return InstructionsFailed(call, kBadXml, is_fallback);
  const auto player = std::make_shared<XmlPlayer>(*this, *instructions);
  call->player = player;
  player->Start(call);
}

void Exchange::InstructionsFailed(const CallPtr& call, const Cause& cause, bool is_fallback) {
  if (!is_fallback && !call->fallback.empty()) {
    return Ask(call, call->fallback, "fallback", CommonParameters(*call, "StartApp"), true);
  }
  End(call, call->answered ? CallStatus::kCompleted : CallStatus::kFailed, cause);
}

// --- the end -------------------------------------------------------------------------------------------------------

void Exchange::End(const CallPtr& call, CallStatus status, const Cause& cause) {
  if (IsFinal(call->status)) return;
  call->status = status;
  call->cause = cause;
  call->ended = Now();
  if (call->answered) {
    const absl::Duration talk = world_.Unscaled(*call->ended - *call->answered);
    call->duration_seconds = std::max<int64_t>(1, static_cast<int64_t>(std::llround(absl::ToDoubleSeconds(talk))));
  }
  ++call->epoch;
  for (const auto& weak : std::exchange(call->children, {})) {
    if (const CallPtr child = weak.lock()) {
      End(child, child->answered ? CallStatus::kCompleted : CallStatus::kCanceled,
          child->answered ? kCallerHungUp : kCallerCanceled);
    }
  }
  if (const auto player = std::exchange(call->player, nullptr)) player->OnHangup(call);
  LeaveRooms(call);
  for (const RecordingPtr& recording : call->recordings) StopRecording(recording);
  if (!call->hangup.empty()) Notify(call, "hangup", call->hangup, HangupParameters(*call));
  if (const auto events = leg_events_.find(call->uuid); events != leg_events_.end()) {
    const auto ended = std::move(events->second.ended);
    leg_events_.erase(events);
    ended(call);
  }
}

void Exchange::Reset() {
  for (const CallPtr& call : store_.calls()) {
    if (!IsFinal(call->status)) call->status = CallStatus::kCanceled;
    if (const auto player = std::exchange(call->player, nullptr)) player->Abandon();
  }
  leg_events_.clear();
  next_turn_.clear();
  rooms_.Clear();
}

// --- rooms ---------------------------------------------------------------------------------------------------------

void Exchange::EnterRoom(const CallPtr& call, std::string_view name, bool multi_party, Member member) {
  member.call = call;
  const Target callback = member.callback;
  const Room& room = rooms_.Enter(call->auth_id, name, multi_party, std::move(member));
  const std::string member_id = room.members.back().id;
  if (multi_party) {
    Notify(call, "mpc", callback,
           {{"EventName", "ParticipantJoined"},
            {"EventTimestamp", UtcTime(Now())},
            {"MPCUUID", room.uuid},
            {"MPCName", room.name},
            {"MemberID", member_id},
            {"ParticipantCallUUID", call->uuid}});
  } else {
    Notify(call, "conference", callback, ConferenceParameters(*call, room.name, room.uuid, member_id, "enter"));
  }
}

void Exchange::LeaveRooms(const CallPtr& call) {
  for (const Rooms::Left& left : rooms_.Leave(*call)) {
    if (!left.room.multi_party) {
      Notify(call, "conference", left.member.callback,
             ConferenceParameters(*call, left.room.name, left.room.uuid, left.member.id, "exit"));
    }
    if (!left.member.ends_room) continue;
    for (const Member& other : left.room.members) {
      const CallPtr who = other.call.lock();
      if (who != nullptr && who != call) End(who, CallStatus::kCompleted, kRoomEnded);
    }
  }
}

// --- recordings ----------------------------------------------------------------------------------------------------

RecordingPtr Exchange::StartRecording(const CallPtr& call, const Target& callback, std::string_view format) {
  auto recording = std::make_shared<Recording>();
  recording->uuid = NewCallUuid();
  recording->auth_id = call->auth_id;
  recording->call_uuid = call->uuid;
  recording->callback = callback;
  recording->format = format == "wav" ? "wav" : "mp3";
  recording->started = Now();
  store_.AddRecording(recording);
  call->recordings.push_back(recording);
  return recording;
}

void Exchange::StopRecording(const RecordingPtr& recording) {
  if (!recording->running) return;
  recording->running = false;
  recording->ended = Now();
  recording->duration_ms = absl::ToInt64Milliseconds(world_.Unscaled(recording->ended - recording->started));
  world_.scheduler.After(world_.Scaled(kUntilRecordingIsReady), [this, recording] {
    const CallPtr call = store_.Find(recording->auth_id, recording->call_uuid);
    if (call == nullptr) return;
    Notify(call, "recording", recording->callback, RecordingParameters(*call, *recording, world_.public_url));
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
  sender_.Send(MakeSignedWebhook(kind, call->uuid, target, TokenOf(*call), std::move(params)));
}

std::string Exchange::TokenOf(const Call& call) const {
  const Account* account = accounts_.Find(call.auth_id);
  return account == nullptr ? std::string() : account->auth_token;
}

}  // namespace trunkline::twin::plivo
