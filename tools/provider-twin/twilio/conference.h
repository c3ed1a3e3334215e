// Conferences: who is in a room, who is held, and what its callback is told.
// (https://www.twilio.com/docs/voice/api/conference-resource). Used on the scheduler only.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "libs/base/encoding.h"
#include "tools/provider-twin/twilio/call.h"

namespace trunkline::twin::twilio {

struct Participant {
  CallPtr call;
  std::string label;
  bool muted = false;
  bool hold = false;
  bool start_on_enter = true;
  bool end_on_exit = false;
  // The conference ended, or the participant was removed: the call goes on with its next instruction.
  std::function<void()> on_out;
};

struct Conference {
  std::string sid;
  std::string account_sid;
  std::string friendly_name;
  std::string status = "init";  // "in-progress", "completed"
  std::string reason_ended;
  Target callback;  // the first participant's
  std::set<std::string> events;
  int sequence_number = 0;
  absl::Time created;
  absl::Time updated;
  std::vector<Participant> participants;

  // By CallSid or label; null when there is none.
  Participant* Find(std::string_view call_or_label);
};

using ConferencePtr = std::shared_ptr<Conference>;

class Exchange;

class Conferences {
 public:
  // `exchange` outlives the object.
  explicit Conferences(Exchange& exchange) : exchange_(exchange) {}

  // Enters the room of that name, which begins with it when it is not there. `callback` counts for the first to enter.
  ConferencePtr Join(const std::string& name, Participant participant, const Target& callback,
                     const std::set<std::string>& events);
  // The call leaves the conference that it is in, if any.
  void Leave(const CallPtr& call, std::string_view reason);
  // Puts out a participant, whose call goes on with its next instruction. By value, for the call may be held by the
  // participant only.
  void Remove(const ConferencePtr& conference, CallPtr call);
  void SetHold(const ConferencePtr& conference, Participant& participant, bool hold);
  void SetMuted(const ConferencePtr& conference, Participant& participant, bool muted);
  // Ends the conference for all.
  void End(const ConferencePtr& conference, std::string_view reason);

  // By ConferenceSid, or by the name of one that has not ended; null when there is none.
  ConferencePtr Find(std::string_view account_sid, std::string_view sid_or_name) const;
  // Newest first.
  const std::deque<ConferencePtr>& all() const { return all_; }
  void Clear() {
    all_.clear();
    by_call_.clear();
  }

 private:
  void Tell(Conference& conference, const CallPtr& call, std::string_view asked, std::string_view event, Form more);
  void TellOf(Conference& conference, const Participant& participant, std::string_view asked, std::string_view event,
              const Form& more = {});
  void TakeOut(const ConferencePtr& conference, CallPtr call, std::string_view reason, bool goes_on);

  Exchange& exchange_;
  std::deque<ConferencePtr> all_;
  std::map<std::string, ConferencePtr, std::less<>> by_call_;  // by sid: where the call is now
};

}  // namespace trunkline::twin::twilio
