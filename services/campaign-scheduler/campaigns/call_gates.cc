#include "services/campaign-scheduler/campaigns/call_gates.h"

#include <string_view>
#include <utility>

#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/decision.h"

namespace trunkline::scheduler {
namespace {

using control::v1::CallGate;

std::string WithoutPrefix(std::string_view name, std::string_view prefix) { return Lower(name.substr(prefix.size())); }

}  // namespace

CallGate GateOf(const campaigns::v1::RuleResult& result) {
  CallGate gate;
  gate.set_gate(RuleName(result.rule()));
  gate.set_passes(result.passes());
  gate.set_value(result.value());
  gate.set_limit(result.limit());
  if (result.has_next_at()) *gate.mutable_next_at() = result.next_at();
  return gate;
}

CallGate GateOf(const governor::v1::Gate& limit) {
  CallGate gate;
  gate.set_gate(WithoutPrefix(governor::v1::GateRule_Name(limit.rule()), "GATE_RULE_"));
  gate.set_level(WithoutPrefix(governor::v1::Level_Name(limit.level()), "LEVEL_"));
  gate.set_passes(limit.passes());
  gate.set_value(Concat(limit.value()));
  gate.set_limit(Concat(limit.limit()));
  if (limit.has_next_at()) *gate.mutable_next_at() = limit.next_at();
  return gate;
}

CallGate UnknownGate(std::string gate, std::string why) {
  CallGate unknown;
  unknown.set_gate(std::move(gate));
  unknown.set_value(std::move(why));
  return unknown;
}

std::string SummaryOf(const google::protobuf::RepeatedPtrField<CallGate>& gates) {
  for (const CallGate& gate : gates) {
    if (gate.passes()) continue;
    std::string summary = Concat("not now: ", gate.gate());
    if (!gate.level().empty()) summary += Concat(" of the ", gate.level());
    if (!gate.value().empty()) summary += Concat(" is ", gate.value());
    if (!gate.limit().empty()) summary += Concat(", allowed is ", gate.limit());
    if (gate.has_next_at()) {
      summary += Concat("; next at ", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", telephony::FromProto(gate.next_at()),
                                                       absl::UTCTimeZone()));
    }
    return summary;
  }
  return "nothing stands in the way of a call now";
}

}  // namespace trunkline::scheduler
