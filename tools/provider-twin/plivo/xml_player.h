// Follows a document of instructions for one call, element by element, as far as a simulation needs it.
//
// Speak, Play, Wait and DTMF take their time; GetDigits and GetInput get the keys that the script presses; Record
// records for a while or in the background; Dial makes legs (dial_element.h); a member stays in a Conference or
// MultiPartyCall for a while; Redirect and Hangup do what they say. A document that ends hangs up. A Stream only tells
// that it started.
#pragma once

#include <functional>
#include <memory>
#include <pugixml.hpp>
#include <string>

#include "libs/base/encoding.h"
#include "tools/provider-twin/instructions.h"
#include "tools/provider-twin/plivo/call.h"

namespace trunkline::twin::plivo {

class Exchange;

class XmlPlayer : public std::enable_shared_from_this<XmlPlayer> {
 public:
  XmlPlayer(Exchange& exchange, Instructions instructions);

  void Start(const CallPtr& call);
  // The call has ended: a <Dial> or <Record> under way still reports to its action.
  void OnHangup(const CallPtr& call);
  // The call gets other instructions: nothing is reported.
  void Abandon() { on_hangup_ = nullptr; }

 private:
  friend class DialElement;

  // Does the next element; at the end of the document, hangs up.
  void Next(const CallPtr& call);
  void Do(const CallPtr& call, pugi::xml_node element);
  void Gather(const CallPtr& call, pugi::xml_node element);
  void Record(const CallPtr& call, pugi::xml_node element);
  // <Conference> and <MultiPartyCall>.
  void EnterRoom(const CallPtr& call, pugi::xml_node element);
  void Stream(const CallPtr& call, pugi::xml_node element);
  void HangUp(const CallPtr& call, pugi::xml_node element);
  void Wait(const CallPtr& call, absl::Duration simulated);
  // The element is over: its action says how the call goes on, or is only told (redirect="false").
  void AskAction(const CallPtr& call, pugi::xml_node element, const char* kind, const char* event, const Form& params);
  Target TargetOf(pugi::xml_node element, const char* url, const char* method) const;

  Exchange& exchange_;
  Instructions instructions_;
  pugi::xml_node position_;
  std::function<void(const CallPtr& call)> on_hangup_;
};

}  // namespace trunkline::twin::plivo
