// <Dial>: rings its parties at once, joins the first that answers with the call, and tells callbackUrl and action how
// it went.
#pragma once

#include <memory>
#include <pugixml.hpp>
#include <vector>

#include "libs/base/encoding.h"
#include "tools/provider-twin/plivo/call.h"

namespace trunkline::twin::plivo {

class XmlPlayer;

class DialElement : public std::enable_shared_from_this<DialElement> {
 public:
  static void Start(std::shared_ptr<XmlPlayer> player, const CallPtr& call, pugi::xml_node element);

  // Use Start().
  DialElement(std::shared_ptr<XmlPlayer> player, const CallPtr& call, pugi::xml_node element);

 private:
  void Begin();
  void Ring(std::string_view address);
  void OnAnswered(const CallPtr& leg);
  void OnEnded(const CallPtr& leg);
  void Tell(const CallPtr& leg, std::string_view action);
  void Finish();
  Form Result() const;
  // False when the call has ended or got other instructions.
  bool IsCurrent() const;

  std::shared_ptr<XmlPlayer> player_;
  std::weak_ptr<Call> call_;
  pugi::xml_node element_;
  uint64_t epoch_;
  std::vector<std::weak_ptr<Call>> ringing_;
  CallPtr last_;  // the leg to report: the one that answered, or the last that did not
  bool joined_ = false;
};

}  // namespace trunkline::twin::plivo
