// Follows a document of instructions for one call, verb by verb, as far as a simulation needs it.
//
// Say, Play and Pause take their time; Gather gets the keys that the script presses; Record records for a while; Dial
// makes legs (dial_verb.h); Enqueue waits until the caller has had enough; Redirect, Hangup and Reject do what they
// say. A document that ends hangs up. Verbs that need a network of their own (Stream, Refer, Connect) only take time.
#pragma once

#include <functional>
#include <memory>
#include <pugixml.hpp>
#include <string>

#include "libs/base/encoding.h"
#include "tools/provider-twin/instructions.h"
#include "tools/provider-twin/twilio/call.h"

namespace trunkline::twin::twilio {

class Exchange;

class TwimlPlayer : public std::enable_shared_from_this<TwimlPlayer> {
 public:
  TwimlPlayer(Exchange& exchange, Instructions instructions);

  void Start(const CallPtr& call);
  // The call has ended: an <Dial>, <Record> or <Enqueue> under way still reports to its action.
  void OnHangup(const CallPtr& call);
  // The call gets other instructions: nothing is reported.
  void Abandon() { on_hangup_ = nullptr; }

 private:
  friend class DialVerb;

  // Does the next verb; at the end of the document, hangs up.
  void Next(const CallPtr& call);
  void Do(const CallPtr& call, pugi::xml_node verb);
  void Gather(const CallPtr& call, pugi::xml_node verb);
  void Record(const CallPtr& call, pugi::xml_node verb);
  void Enqueue(const CallPtr& call, pugi::xml_node verb);
  void Reject(const CallPtr& call, pugi::xml_node verb);
  void Wait(const CallPtr& call, absl::Duration simulated);
  // The verb is over: asks its action, or goes on with the next verb when it has none.
  void AskAction(const CallPtr& call, pugi::xml_node verb, const char* kind, const Form& params);
  Target ActionOf(pugi::xml_node verb, std::string_view fallback = "") const;
  Target TargetOf(pugi::xml_node node, const char* url, const char* method) const;
  RecordingWish RecordingWishOf(pugi::xml_node verb) const;

  Exchange& exchange_;
  Instructions instructions_;
  pugi::xml_node position_;
  std::function<void(const CallPtr& call)> on_hangup_;
};

}  // namespace trunkline::twin::twilio
