// The telephone exchange behind the API: carries calls on in time, asks for their instructions and tells what happens.
// Used on the scheduler only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "libs/base/encoding.h"
#include "tools/provider-twin/plivo/account.h"
#include "tools/provider-twin/plivo/call.h"
#include "tools/provider-twin/plivo/call_store.h"
#include "tools/provider-twin/plivo/recording.h"
#include "tools/provider-twin/plivo/rooms.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::plivo {

// What a leg that was dialled for somebody else tells.
struct LegEvents {
  std::function<void(const CallPtr& leg)> answered;
  std::function<void(const CallPtr& leg)> ended;
};

class Exchange {
 public:
  // All outlive the exchange and what is planned on the scheduler.
  Exchange(World& world, WebhookSender& sender, const Accounts& accounts, CallStore& store, Rooms& rooms);

  // False when the account may not start a call now (Settings::over_limit is kReject).
  bool MayPlace(const Account& account);
  // Starts an outbound call that has its parameters; uuid and times are set here.
  void Place(const CallPtr& call);
  // Starts an inbound call. It ends after `patience` at the latest, by the caller's hanging up.
  void Receive(const CallPtr& call, absl::Duration patience);
  // Dials a leg for a <Dial> of `parent`, or, without a parent, for a room.
  void PlaceLeg(const CallPtr& parent, const CallPtr& leg, LegEvents events);
  // New instructions for a call in progress: what it does now is broken off.
  void Transfer(const CallPtr& call, const Target& target);
  // Ends the call; does nothing when it has ended.
  void End(const CallPtr& call, CallStatus status, const Cause& cause);

  // What the call does now is over, as for somebody who is moved to a room.
  void BreakOff(const CallPtr& call);
  void EnterRoom(const CallPtr& call, std::string_view name, bool multi_party, Member member);
  void LeaveRooms(const CallPtr& call);

  RecordingPtr StartRecording(const CallPtr& call, const Target& callback, std::string_view format);
  // Ends the recording and tells of it a little later.
  void StopRecording(const RecordingPtr& recording);

  // Breaks off everything, without telling anybody.
  void Reset();

  // For the player of instructions. A task is void when the call has ended or was given other instructions meanwhile.
  void Later(const CallPtr& call, absl::Duration simulated, std::function<void()> task);
  // Asks a URL for instructions and plays them; its failure leads to the fallback URL, or ends the call.
  void Fetch(const CallPtr& call, const Target& target, std::string_view kind, std::string_view event,
             const Form& more);
  // Sends a webhook whose answer is ignored.
  void Notify(const CallPtr& call, std::string_view kind, const Target& target, Form params);
  void AnswerInbound(const CallPtr& call);

  World& world() { return world_; }

 private:
  absl::Time Now() const { return world_.scheduler.Now(); }
  absl::Duration WaitForTurn(const Call& call);
  void WhileAlive(const CallPtr& call, absl::Duration simulated, std::function<void(const CallPtr& call)> task);
  void Dial(const CallPtr& call);
  void Ring(const CallPtr& call);
  void Answer(const CallPtr& call);
  void DetectMachine(const CallPtr& call);
  void PlayDocument(const CallPtr& call, std::string_view text, const Target& source, bool is_fallback);
  void Ask(const CallPtr& call, const Target& target, std::string_view kind, Form params, bool is_fallback);
  void InstructionsFailed(const CallPtr& call, const Cause& cause, bool is_fallback);
  std::string TokenOf(const Call& call) const;

  World& world_;
  WebhookSender& sender_;
  const Accounts& accounts_;
  CallStore& store_;
  Rooms& rooms_;
  std::map<std::string, absl::Time, std::less<>> next_turn_;  // by account: when the next call may be dialled
  std::map<std::string, LegEvents> leg_events_;               // by uuid of the leg
};

}  // namespace trunkline::twin::plivo
