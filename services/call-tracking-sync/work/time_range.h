// The range of time that a request names.
#pragma once

#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"
#include "libs/base/field_checks.h"

namespace trunkline::tracking_sync {

struct TimeRange {
  absl::Time from;
  absl::Time before;
};

// From `range_start`, a day before the end when unset, to `range_end`, `latest` when unset. Notes what is wrong: an end
// that is not after the start or lies after `latest`, more than 92 days.
template <typename Request>
TimeRange RangeOf(const Request& request, absl::Time latest, FieldChecks& checks);

TimeRange CheckedRange(const google::protobuf::Timestamp* start, const google::protobuf::Timestamp* end,
                       absl::Time latest, FieldChecks& checks);

template <typename Request>
TimeRange RangeOf(const Request& request, absl::Time latest, FieldChecks& checks) {
  return CheckedRange(request.has_range_start() ? &request.range_start() : nullptr,
                      request.has_range_end() ? &request.range_end() : nullptr, latest, checks);
}

}  // namespace trunkline::tracking_sync
