// The telephone exchange behind the API: carries calls on in time, asks for their instructions and tells what happens.
// Used on the scheduler only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "tools/provider-twin/instructions.h"
#include "tools/provider-twin/twilio/account.h"
#include "tools/provider-twin/twilio/call.h"
#include "tools/provider-twin/twilio/call_store.h"
#include "tools/provider-twin/twilio/conference.h"
#include "tools/provider-twin/twilio/recording.h"
#include "tools/provider-twin/webhook_sender.h"
#include "tools/provider-twin/world.h"

namespace trunkline::twin::twilio {

// What the leg that a <Dial> makes tells the leg that dials.
struct ChildEvents {
  std::function<void(const CallPtr& child)> answered;
  std::function<void(const CallPtr& child)> ended;
};

class Exchange {
 public:
  // All outlive the exchange and what is planned on the scheduler.
  Exchange(World& world, WebhookSender& sender, const Accounts& accounts, CallStore& store);

  // False when the account may not start a call now (Settings::over_limit is kReject).
  bool MayPlace(const Account& account);
  // Starts an outbound call that has its parameters; sid and times are set here.
  void Place(const CallPtr& call);
  // Starts an inbound call. It ends after `patience` at the latest, by the caller's hanging up.
  void Receive(const CallPtr& call, absl::Duration patience);
  // Dials a leg for a <Dial> of `parent`.
  void PlaceChild(const CallPtr& parent, const CallPtr& child, ChildEvents events);
  // New instructions for a call in progress: what it does now is broken off.
  void Redirect(const CallPtr& call);
  // Ends the call; does nothing when it has ended.
  void End(const CallPtr& call, CallStatus status, int sip_code, std::string_view reason);

  RecordingPtr StartRecording(const CallPtr& call, std::string_view source, const RecordingWish& wish);
  // Ends the recording and tells of it a little later.
  void StopRecording(const RecordingPtr& recording);

  // Breaks off everything, without telling anybody.
  void Reset();

  // For the player of instructions. A task is void when the call has ended or was given other instructions meanwhile.
  void Later(const CallPtr& call, absl::Duration simulated, std::function<void()> task);
  // Asks a URL for instructions and plays them; its failure leads to the fallback URL, or ends the call.
  void Fetch(const CallPtr& call, const Target& target, std::string_view kind, const Form& more);
  // Sends a webhook whose answer is ignored.
  void Notify(const CallPtr& call, std::string_view kind, const Target& target, Form params);
  void AnswerInbound(const CallPtr& call);

  World& world() { return world_; }
  Conferences& conferences() { return conferences_; }

 private:
  absl::Time Now() const { return world_.scheduler.Now(); }
  absl::Duration WaitForTurn(const Call& call);
  // The task gets the call, so that it need not hold it: hours may pass until then.
  void WhileAlive(const CallPtr& call, absl::Duration simulated, std::function<void(const CallPtr& call)> task);
  void Dial(const CallPtr& call);
  void Ring(const CallPtr& call);
  void Answer(const CallPtr& call);
  // The leg that another one dialled gets instructions of its own: the two are no longer joined.
  void Separate(const CallPtr& child);
  void StartInstructions(const CallPtr& call, const Form& more);
  void DetectMachine(const CallPtr& call);
  void PlayDocument(const CallPtr& call, std::string_view text, const Target& source, bool is_fallback);
  void Ask(const CallPtr& call, const Target& target, std::string_view kind, const Form& more, bool is_fallback);
  void InstructionsFailed(const CallPtr& call, int error_code, const Target& source, bool is_fallback);
  void NotifyStatus(const CallPtr& call, std::string_view event, std::string_view status);
  std::string TokenOf(const Call& call) const;

  World& world_;
  WebhookSender& sender_;
  const Accounts& accounts_;
  CallStore& store_;
  Conferences conferences_{*this};
  std::map<std::string, absl::Time, std::less<>> next_turn_;  // by account: when the next call may be dialled
  std::map<std::string, ChildEvents> child_events_;           // by sid of the child
};

}  // namespace trunkline::twin::twilio
