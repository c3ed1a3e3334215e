// Whether a call here says what the platform says, field by field.
//
// Pure. Both sides are brought into one form: what was read at the platform has it already, a call here by
// TrackedCallOf(). A field that the platform does not tell is not compared. Names, raw data and what is only ours do
// not matter.
#pragma once

#include <string>
#include <vector>

#include "absl/time/time.h"
#include "libs/tracking/tracked_call.h"
#include "libs/tracking/tracking_platform.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/tracking/v1/consistency_service.pb.h"

namespace trunkline::tracking_sync {

// A call here, as if a platform had told it. A time, text or amount that it does not have counts as told not to be.
tracking::TrackedCall TrackedCallOf(const calls::v1::CallRecord& record);

struct ComparisonOptions {
  tracking::ComparisonRules rules = {};
  // Calls that ended, and records that changed, so shortly before may still be on their way.
  absl::Duration grace = absl::Minutes(10);
  // Money and conversion so shortly after the end may still change without being remarked.
  absl::Duration money_grace = absl::Hours(1);
};

struct Comparison {
  // It goes on, ended a moment ago or changed a moment ago: only that it is here was looked at.
  bool is_too_early = false;
  std::vector<tracking::v1::FieldDifference> differences;
};

// `now` is the time at which the platform was asked.
//
// What is let pass: 2 s of times and lengths (of the answer as the rules say), 0.01 of amounts, and, in fields that the
// platform may fill in late, their late filling: a recording within an hour, and the absence of one that was there
// within a day. An unknown amount is zero. Numbers are equal as SIP URIs are: the host in any case.
Comparison CompareCalls(const tracking::TrackedCall& platform, const tracking::TrackedCall& ours,
                        const ComparisonOptions& options, absl::Time now);

// In which ways a call contradicts itself: times out of order, an end without a time, a talk longer than its call.
std::vector<std::string> ContradictionsOf(const tracking::TrackedCall& call);

}  // namespace trunkline::tracking_sync
