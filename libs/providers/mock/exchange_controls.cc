// Calls in progress under control.
#include <algorithm>

#include "libs/base/status.h"
#include "libs/providers/mock/exchange.h"
#include "libs/providers/mock/exchange_errors.h"

namespace trunkline::providers::mock {

absl::StatusOr<CallPtr> Exchange::FindAnswered(const Account& account, const LiveCall& call) const {
  TL_ASSIGN_OR_RETURN(CallPtr found, Find(account, call.external_call_id));
  if (!found->IsAnswered()) return WrongState("the call is not answered");
  return found;
}

absl::Status Exchange::CheckAnswered(const Account& account, const LiveCall& call) const {
  const std::lock_guard lock(mutex_);
  return FindAnswered(account, call).status();
}

absl::Status Exchange::Play(const Account& account, const LiveCall& call, const plans::v1::CallPlan& plan) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, FindAnswered(account, call));
  StartPlan(found, plan);
  return absl::OkStatus();
}

absl::Status Exchange::Answer(const Account& account, const LiveCall& call, const plans::v1::CallPlan& plan) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, Find(account, call.external_call_id));
  // A plan that lets the caller wait has answered the call already.
  if (!found->IsInbound() || found->ended_at.has_value()) return WrongState("the call does not wait to be answered");
  StartPlan(found, plan);
  return absl::OkStatus();
}

absl::Status Exchange::Hold(const Account& account, const LiveCall& call) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, FindAnswered(account, call));
  if (found->status != calls::v1::CALL_STATUS_ON_HOLD) {
    Move(found, calls::v1::CALL_STATUS_ON_HOLD, events::v1::CALL_EVENT_TYPE_HELD);
  }
  return absl::OkStatus();
}

absl::Status Exchange::Resume(const Account& account, const LiveCall& call) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, FindAnswered(account, call));
  if (found->status == calls::v1::CALL_STATUS_ON_HOLD) {
    Move(found, calls::v1::CALL_STATUS_ANSWERED, events::v1::CALL_EVENT_TYPE_RESUMED);
  }
  return absl::OkStatus();
}

absl::Status Exchange::Transfer(const Account& account, const LiveCall& call, const TransferRequest& request) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, FindAnswered(account, call));
  if (request.attended) {
    if (!found->transfer_target.empty()) return WrongState("the call is being transferred already");
    found->transfer_target = request.target;
    Move(found, calls::v1::CALL_STATUS_ON_HOLD, events::v1::CALL_EVENT_TYPE_HELD);
    return absl::OkStatus();
  }
  ++found->instructions;
  Move(found, calls::v1::CALL_STATUS_TRANSFERRED, events::v1::CALL_EVENT_TYPE_TRANSFERRED);
  const Script script = ScriptFor(request.target);
  const bool answers = script.pickup == Pickup::kAnswer && script.ring < request.ring_timeout;
  HangUpLater(found, std::min(script.ring, request.ring_timeout) + (answers ? script.talk : absl::ZeroDuration()));
  return absl::OkStatus();
}

absl::Status Exchange::CompleteTransfer(const Account& account, const LiveCall& call) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, FindAnswered(account, call));
  if (found->transfer_target.empty()) return WrongState("no transfer was begun");
  ++found->instructions;
  Move(found, calls::v1::CALL_STATUS_TRANSFERRED, events::v1::CALL_EVENT_TYPE_TRANSFERRED);
  HangUpLater(found, ScriptFor(found->transfer_target).talk);
  found->transfer_target.clear();
  return absl::OkStatus();
}

absl::Status Exchange::CancelTransfer(const Account& account, const LiveCall& call) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, FindAnswered(account, call));
  if (found->transfer_target.empty()) return WrongState("no transfer was begun");
  found->transfer_target.clear();
  Move(found, calls::v1::CALL_STATUS_ANSWERED, events::v1::CALL_EVENT_TYPE_RESUMED);
  return absl::OkStatus();
}

absl::Status Exchange::JoinConference(const Account& account, const LiveCall& call, const ConferenceRequest& request) {
  const std::lock_guard lock(mutex_);
  TL_ASSIGN_OR_RETURN(const CallPtr found, FindAnswered(account, call));
  plans::v1::CallPlan plan;
  plans::v1::Conference& conference = *plan.add_verbs()->mutable_conference();
  conference.set_name(request.name);
  conference.set_muted(request.muted);
  conference.set_start_on_enter(request.start_on_enter);
  conference.set_end_on_exit(request.end_on_exit);
  StartPlan(found, plan);
  return absl::OkStatus();
}

}  // namespace trunkline::providers::mock
