// <Dial>: rings one or more parties, joins the first that answers with the call, and tells the action how it went.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "libs/base/encoding.h"
#include "tools/provider-twin/twilio/call.h"
#include "tools/provider-twin/twilio/call_store.h"

namespace trunkline::twin::twilio {

class TwimlPlayer;

class DialVerb : public std::enable_shared_from_this<DialVerb> {
 public:
  static void Start(std::shared_ptr<TwimlPlayer> player, const CallPtr& call, pugi::xml_node verb);

  // Use Start().
  DialVerb(std::shared_ptr<TwimlPlayer> player, const CallPtr& call, pugi::xml_node verb);

 private:
  struct Party {
    std::string address;
    Target status_callback;
    std::set<std::string> status_events;
  };

  void Begin();
  void ReadParties();
  void JoinConference(const CallPtr& call);
  // Rings the parties that are next: all of them, or one after the other.
  void RingNext();
  void Ring(const Party& party);
  void OnAnswered(const CallPtr& child);
  void OnEnded(const CallPtr& child);
  void Finish();
  Form Result() const;
  // False when the call has ended or got other instructions.
  bool IsCurrent() const;

  std::shared_ptr<TwimlPlayer> player_;
  std::weak_ptr<Call> call_;
  pugi::xml_node verb_;
  uint64_t epoch_;
  std::deque<Party> waiting_;
  std::vector<std::weak_ptr<Call>> ringing_;
  CallPtr last_;  // the leg to report: the one that answered, or the last that did not
  bool joined_ = false;
  std::string room_;  // a conference or queue instead of parties
  pugi::xml_node conference_;
  RecordingPtr recording_;
};

}  // namespace trunkline::twin::twilio
