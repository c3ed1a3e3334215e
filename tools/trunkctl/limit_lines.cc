#include "tools/trunkctl/limit_lines.h"

#include <string_view>

#include "absl/strings/str_format.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::trunkctl {
namespace {

using governor::v1::Gate;
using governor::v1::GateRule;
using governor::v1::Level;

std::string NameOf(Level level, const std::string& subject_id) {
  std::string_view name = "level that is not known";
  switch (level) {
    case governor::v1::LEVEL_GLOBAL:
      name = "all calls";
      break;
    case governor::v1::LEVEL_BUSINESS:
      name = "business";
      break;
    case governor::v1::LEVEL_PROVIDER_ACCOUNT:
      name = "account";
      break;
    case governor::v1::LEVEL_CALLER_NUMBER:
      name = "number";
      break;
    case governor::v1::LEVEL_CAMPAIGN:
      name = "campaign";
      break;
    default:
      break;
  }
  return Concat(name, subject_id.empty() ? "" : " ", subject_id);
}

std::string_view NameOf(GateRule rule) {
  switch (rule) {
    case governor::v1::GATE_RULE_CONCURRENCY:
      return "calls in progress";
    case governor::v1::GATE_RULE_KEPT_FREE:
      return "calls in progress, beside what is kept free";
    case governor::v1::GATE_RULE_GUARANTEED_TO_OTHERS:
      return "calls in progress, beside what others are guaranteed";
    case governor::v1::GATE_RULE_LEARNED_CEILING:
      return "calls in progress that the provider takes";
    case governor::v1::GATE_RULE_PER_SECOND:
      return "calls in a second";
    case governor::v1::GATE_RULE_PER_MINUTE:
      return "calls in a minute";
    case governor::v1::GATE_RULE_PER_HOUR:
      return "calls in an hour";
    case governor::v1::GATE_RULE_SPACING:
      return "ms since the last call";
    default:
      return "rule that is not known";
  }
}

}  // namespace

std::string Line(const governor::v1::LevelLimits& limits) {
  std::string told;
  const auto add = [&told](const auto&... parts) { told += Concat(told.empty() ? "" : ", ", parts...); };
  if (limits.has_max_concurrent_calls()) add(limits.max_concurrent_calls(), " calls");
  if (limits.guaranteed_calls() > 0) add("guaranteed ", limits.guaranteed_calls());
  if (limits.burst_calls() > 0) add("burst ", limits.burst_calls());
  if (limits.weight() > 1) add("weight ", limits.weight());
  if (limits.kept_for_inbound() > 0) add(limits.kept_for_inbound(), " kept for inbound");
  if (limits.kept_for_priority() > 0) add(limits.kept_for_priority(), " kept for priority");
  if (limits.rates().per_second() > 0) add(limits.rates().per_second(), " a second");
  if (limits.rates().per_minute() > 0) add(limits.rates().per_minute(), " a minute");
  if (limits.rates().per_hour() > 0) add(limits.rates().per_hour(), " an hour");
  const absl::Duration spacing = telephony::FromProto(limits.rates().spacing());
  if (spacing > absl::ZeroDuration()) add(absl::FormatDuration(spacing), " apart");
  return Concat(NameOf(limits.level(), limits.subject_id()), ": ", told.empty() ? "as the settings say" : told);
}

std::string Table(const governor::v1::Usage& usage) {
  constexpr char kRow[] = "%-46s %8s %8s %8s %8s %8s %8s";
  std::string table = absl::StrFormat(kRow, "", "in use", "of", "learned", "inbound", "priority", "waiting");
  for (const governor::v1::LevelUsage& level : usage.levels()) {
    const bool waits = level.level() == governor::v1::LEVEL_GLOBAL || level.level() == governor::v1::LEVEL_BUSINESS;
    table += '\n';
    table += absl::StrFormat(kRow, NameOf(level.level(), level.subject_id()), Concat(level.in_use()),
                             level.has_ceiling() ? Concat(level.ceiling()) : "-",
                             level.has_learned_ceiling() ? Concat(level.learned_ceiling()) : "-",
                             Concat(level.inbound()), Concat(level.priority()), waits ? Concat(level.waiting()) : "-");
  }
  for (const governor::v1::Slot& slot : usage.slots()) {
    const absl::Time granted = telephony::FromProto(slot.granted_at());
    table += Concat("\nslot ", slot.slot_id(), "  business ", slot.subject().business_id(), "  ",
                    slot.call_id().empty() ? "reserved" : "call ", slot.call_id(), "  since ",
                    absl::FormatTime("%Y-%m-%d %H:%M:%E3S", granted, absl::UTCTimeZone()));
  }
  return table;
}

std::string Line(const Gate& gate) {
  std::string line =
      absl::StrFormat("%-7s %-46s %s  %d of %d", gate.passes() ? "passes" : "shut",
                      NameOf(gate.level(), gate.subject_id()), ToAbsl(NameOf(gate.rule())), gate.value(), gate.limit());
  if (gate.has_next_at()) {
    line += absl::FormatTime("; may pass at %Y-%m-%d %H:%M:%E3S", telephony::FromProto(gate.next_at()),
                             absl::UTCTimeZone());
  } else if (!gate.passes()) {
    line += "; a call must end first";
  }
  return line;
}

}  // namespace trunkline::trunkctl
