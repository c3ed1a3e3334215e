#include "services/gateway/calls/call_view.h"

#include "libs/base/text.h"
#include "libs/telephony/call_merge.h"
#include "libs/telephony/call_record.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::gateway {
namespace {

constexpr std::string_view kPrefix = "DIAL_STATE_";

control::v1::DialAttempt LatestAttempt(const DialView& dial) {
  control::v1::DialAttempt attempt;
  attempt.set_number(static_cast<int32_t>(dial.attempt));
  attempt.set_provider_account_id(dial.provider_account_id);
  attempt.set_from(dial.from);
  attempt.set_state(dial.state);
  *attempt.mutable_committed_at() = telephony::ToProto(dial.attempt_committed_at);
  if (dial.resolved_at.has_value()) *attempt.mutable_resolved_at() = telephony::ToProto(*dial.resolved_at);
  attempt.set_resolved_by(dial.resolved_by);
  const bool failed =
      dial.state == control::v1::DIAL_STATE_REJECTED || dial.state == control::v1::DIAL_STATE_NOT_PLACED;
  if (failed && dial.facts.ended().has_error()) *attempt.mutable_error() = dial.facts.ended().error();
  return attempt;
}

}  // namespace

control::v1::Call ShowCall(const std::optional<calls::v1::CallState>& normalized, const std::optional<DialView>& dial) {
  control::v1::Call call;
  calls::v1::CallState state = normalized.value_or(calls::v1::CallState());
  if (dial.has_value()) {
    telephony::Merge(dial->facts, &state);
    control::v1::Dial* shown = call.mutable_dial();
    shown->set_state(dial->state);
    *shown->mutable_committed_at() = telephony::ToProto(dial->committed_at);
    if (dial->resolved_at.has_value()) *shown->mutable_resolved_at() = telephony::ToProto(*dial->resolved_at);
    shown->set_resolved_by(dial->resolved_by);
    for (const control::v1::DialAttempt& attempt : dial->earlier) *shown->add_attempts() = attempt;
    *shown->add_attempts() = LatestAttempt(*dial);
  }
  *call.mutable_record() = telephony::Project(state);
  return call;
}

control::v1::DialState DialStateOf(std::string_view name) {
  control::v1::DialState state = control::v1::DIAL_STATE_UNSPECIFIED;
  std::string full(kPrefix);
  for (const char c : name) full.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  control::v1::DialState_Parse(full, &state);
  return state;
}

std::string NameOf(control::v1::DialState state) {
  return Lower(std::string_view(control::v1::DialState_Name(state)).substr(kPrefix.size()));
}

}  // namespace trunkline::gateway
