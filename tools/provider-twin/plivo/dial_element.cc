#include "tools/provider-twin/plivo/dial_element.h"

#include <algorithm>
#include <utility>

#include "libs/base/text.h"
#include "tools/provider-twin/instructions.h"
#include "tools/provider-twin/plivo/exchange.h"
#include "tools/provider-twin/plivo/webhook_form.h"
#include "tools/provider-twin/plivo/wire_format.h"
#include "tools/provider-twin/plivo/xml_player.h"

namespace trunkline::twin::plivo {

void DialElement::Start(std::shared_ptr<XmlPlayer> player, const CallPtr& call, pugi::xml_node element) {
  std::make_shared<DialElement>(std::move(player), call, element)->Begin();
}

DialElement::DialElement(std::shared_ptr<XmlPlayer> player, const CallPtr& call, pugi::xml_node element)
    : player_(std::move(player)), call_(call), element_(element), epoch_(call->epoch) {}

void DialElement::Begin() {
  const CallPtr call = call_.lock();
  // Held by the player until the element is over, which is what keeps this object while it waits.
  player_->on_hangup_ = [self = shared_from_this()](const CallPtr& ended) {
    Form form = CommonParameters(*ended, "DialAction");
    const Form result = self->Result();
    form.insert(form.end(), result.begin(), result.end());
    self->player_->exchange_.Notify(ended, "dial", self->player_->TargetOf(self->element_, "action", "method"),
                                    std::move(form));
  };
  std::vector<std::string> parties;
  for (pugi::xml_node party = ElementFrom(element_.first_child()); party; party = NextElement(party)) {
    const std::string_view name = party.name();
    if (name == "Number" || name == "User") parties.push_back(StoredNumber(TextOf(party)));
  }
  for (const std::string& party : parties) Ring(party);
  if (parties.empty()) {
    player_->exchange_.Later(call, absl::ZeroDuration(), [self = shared_from_this()] { self->Finish(); });
  }
}

void DialElement::Ring(std::string_view address) {
  const CallPtr call = call_.lock();
  auto leg = std::make_shared<Call>();
  leg->to = address;
  leg->from = StoredNumber(Attribute(element_, "callerId", call->from));
  leg->ring_timeout = SecondsAttribute(element_, "timeout", absl::Seconds(120));
  ringing_.push_back(leg);
  player_->exchange_.PlaceLeg(call, leg,
                              {.answered = [self = shared_from_this()](const CallPtr& who) { self->OnAnswered(who); },
                               .ended = [self = shared_from_this()](const CallPtr& who) { self->OnEnded(who); }});
}

void DialElement::OnAnswered(const CallPtr& leg) {
  if (!IsCurrent() || joined_) return;
  joined_ = true;
  last_ = leg;
  Exchange& exchange = player_->exchange_;
  for (const auto& weak : ringing_) {
    const CallPtr other = weak.lock();
    if (other != nullptr && other != leg) exchange.End(other, CallStatus::kCanceled, kLostRace);
  }
  Tell(leg, "answer");
  Tell(leg, "connected");
  const absl::Duration talk =
      std::min(leg->script.talk, SecondsAttribute(element_, "timeLimit", absl::InfiniteDuration()));
  exchange.Later(leg, talk, [&exchange, leg] { exchange.End(leg, CallStatus::kCompleted, kCalleeHungUp); });
}

void DialElement::OnEnded(const CallPtr& leg) {
  std::erase_if(ringing_, [&leg](const auto& weak) { return weak.lock() == leg; });
  Tell(leg, "hangup");
  if (joined_ && leg != last_) return;
  last_ = leg;
  if (IsCurrent() && (joined_ || ringing_.empty())) Finish();
}

void DialElement::Tell(const CallPtr& leg, std::string_view action) {
  const CallPtr call = call_.lock();
  if (call == nullptr) return;
  player_->exchange_.Notify(call, "dial-events", player_->TargetOf(element_, "callbackUrl", "callbackMethod"),
                            DialEventParameters(*call, *leg, action));
}

void DialElement::Finish() {
  if (!IsCurrent()) return;
  // Clears what keeps this object, so it holds itself until the end of the function.
  const auto self = shared_from_this();
  player_->AskAction(call_.lock(), element_, "dial", "DialAction", Result());
}

Form DialElement::Result() const {
  const CallPtr call = call_.lock();
  Form form = {{"DialRingStatus", last_ == nullptr ? "false" : "true"},
               {"DialALegUUID", call == nullptr ? "" : call->uuid},
               {"DialBLegUUID", last_ == nullptr ? "" : last_->uuid}};
  std::string status = "failed";
  if (joined_) status = "completed";
  if (!joined_ && last_ != nullptr) status = IsFinal(last_->status) ? ToText(last_->status) : "cancel";
  form.emplace_back("DialStatus", status);
  if (last_ != nullptr) form.emplace_back("DialHangupCause", last_->cause.word);
  return form;
}

bool DialElement::IsCurrent() const {
  const CallPtr call = call_.lock();
  return call != nullptr && !IsFinal(call->status) && call->epoch == epoch_;
}

}  // namespace trunkline::twin::plivo
