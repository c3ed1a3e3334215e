#include "services/campaign-scheduler/campaigns/pacing_gates.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"
#include "services/campaign-scheduler/rules/pacer.h"

namespace trunkline::scheduler {
namespace {

using campaigns::v1::Pacing;
using control::v1::CallGate;

Pacer PacerOf(const Pacing& pacing, absl::Duration usual_spacing, const PaceSoFar& so_far) {
  Pacer pacer(pacing, usual_spacing, so_far.running_since);
  for (const absl::Time at : so_far.committed) pacer.Begun(at);
  return pacer;
}

CallGate PacingGate(std::string value, std::string limit, absl::Time next, absl::Time now) {
  CallGate gate;
  gate.set_gate("pacing");
  gate.set_value(std::move(value));
  gate.set_limit(std::move(limit));
  gate.set_passes(next <= now);
  if (!gate.passes() && next < absl::InfiniteFuture()) *gate.mutable_next_at() = telephony::ToProto(next);
  return gate;
}

std::string Speed(double calls_per_second) { return absl::StrFormat("%.2f calls a second", calls_per_second); }

}  // namespace

std::vector<CallGate> PacingGates(const Pacing& pacing, absl::Duration usual_spacing, const PaceSoFar& so_far,
                                  absl::Time now) {
  std::vector<CallGate> gates;
  const auto since = [&](absl::Duration length) {
    return std::count_if(so_far.committed.begin(), so_far.committed.end(),
                         [&](absl::Time at) { return at > now - length; });
  };
  // Each setting alone, so that what it lets pass is told of it and of no other.
  const auto next_of = [&](const Pacing& alone) {
    return PacerOf(alone, absl::ZeroDuration(), so_far).NextAdmission(now);
  };
  const absl::Duration spacing =
      pacing.has_call_spacing() ? telephony::FromProto(pacing.call_spacing()) : usual_spacing;
  if (spacing > absl::ZeroDuration()) {
    Pacing alone;
    *alone.mutable_call_spacing() = telephony::ToProto(spacing);
    const std::string last =
        so_far.committed.empty()
            ? std::string("no call yet")
            : Concat("the last one ",
                     absl::FormatDuration(absl::Trunc(now - so_far.committed.back(), absl::Seconds(1))), " ago");
    gates.push_back(PacingGate(last, Concat("a call every ", absl::FormatDuration(spacing)), next_of(alone), now));
  }
  if (pacing.calls_per_second() > 0) {
    Pacing alone;
    alone.set_calls_per_second(pacing.calls_per_second());
    gates.push_back(PacingGate(Concat(since(absl::Seconds(1)), " in the last second"),
                               Concat(pacing.calls_per_second(), " a second"), next_of(alone), now));
  }
  if (pacing.calls_per_minute() > 0) {
    Pacing alone;
    alone.set_calls_per_minute(pacing.calls_per_minute());
    gates.push_back(PacingGate(Concat(since(absl::Minutes(1)), " in the last minute"),
                               Concat(pacing.calls_per_minute(), " a minute"), next_of(alone), now));
  }
  const absl::Time ramped = so_far.running_since + telephony::FromProto(pacing.ramp_up());
  const Pacer pacer = PacerOf(pacing, usual_spacing, so_far);
  if (now < ramped && std::isfinite(pacer.SpeedAt(ramped))) {
    gates.push_back(PacingGate(Speed(pacer.SpeedAt(now)),
                               Concat(Speed(pacer.SpeedAt(ramped)), " from ",
                                      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", ramped, absl::UTCTimeZone()), " on"),
                               pacer.NextAdmission(now), now));
  }
  return gates;
}

}  // namespace trunkline::scheduler
