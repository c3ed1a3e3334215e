#include "services/call-tracking-sync/work/time_range.h"

#include "libs/base/clock.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking_sync {
namespace {

constexpr absl::Duration kUsual = absl::Hours(24);
constexpr absl::Duration kLongest = absl::Hours(92 * 24);

}  // namespace

TimeRange CheckedRange(const google::protobuf::Timestamp* start, const google::protobuf::Timestamp* end,
                       absl::Time latest, FieldChecks& checks) {
  TimeRange range;
  range.before = InMicros(end == nullptr ? latest : telephony::FromProto(*end));
  range.from = InMicros(start == nullptr ? range.before - kUsual : telephony::FromProto(*start));
  checks.Require(range.before <= latest, "range_end", "lies too near to now: calls of the last minutes still change");
  checks.Require(range.from < range.before, "range_end", "must be after range_start");
  checks.Require(range.before - range.from <= kLongest, "range_start", "must be at most 92 days before range_end");
  return range;
}

}  // namespace trunkline::tracking_sync
