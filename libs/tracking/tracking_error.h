// How requests to call-tracking platforms fail, and what may be done about it.
//
// Every status of a PlatformClient that is no OK carries a TrackingError as payload. Its code as a status:
//   NOT_FOUND             not_found, gone
//   UNAUTHENTICATED       auth_invalid, signature_invalid
//   PERMISSION_DENIED     forbidden
//   UNIMPLEMENTED         unsupported; ErrorInfo names platform and feature
//   RESOURCE_EXHAUSTED    rate_limited
//   UNAVAILABLE           everything else that is retryable
//   INVALID_ARGUMENT      config_invalid
//   FAILED_PRECONDITION   everything else
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "trunkline/tracking/v1/feature.pb.h"
#include "trunkline/tracking/v1/tracking_error.pb.h"

namespace trunkline::tracking {

// Whether a failure of this kind may pass by itself.
bool IsRetryable(v1::TrackingErrorCode code);
// "rate_limited"
std::string NameOf(v1::TrackingErrorCode code);

// An error that begins with its code; `retryable` follows from it.
v1::TrackingError MakeError(std::string_view platform, v1::TrackingErrorCode code, std::string_view message);
absl::Status StatusOf(const v1::TrackingError& error);
// The platform has no such thing.
absl::Status Unsupported(std::string_view platform, v1::Feature feature);
// What StatusOf() or Unsupported() put in; nothing for a status from elsewhere.
std::optional<v1::TrackingError> TrackingErrorOf(const absl::Status& status);
v1::TrackingErrorCode CodeOf(const absl::Status& status);
// As it is kept for people: "rate_limited: too many requests"; of a status from elsewhere its message.
std::string DescribeError(const absl::Status& status);

// How a platform wants to be asked again.
struct RetryPolicy {
  absl::Duration base = absl::Milliseconds(500);
  absl::Duration longest = absl::Seconds(60);
  int attempts = 4;
  // Waits after 429 without Retry-After; one attempt more than there are steps is made.
  std::vector<absl::Duration> rate_limit_steps = {};
  double jitter = 0.2;  // 0.2: 20 % up or down
};

// How long to wait before the next attempt after `attempt` (from 1) failed; nothing when there is to be none.
//   other than rate_limited  2^attempt x base, at most `longest`
//   rate_limited             the unit that was exceeded (until it is over), else the steps
//   Retry-After              where it is longer, at most 15 minutes
//   unknown_column, bad_response  once and twice
// `chance` is from 0 to 1. An unknown column must be left out of the next attempt, a partial result be asked in two.
std::optional<absl::Duration> RetryDelay(const v1::TrackingError& error, int attempt, absl::Time now, double chance,
                                         const RetryPolicy& policy);

// The value of a Retry-After header: seconds, or a date of which `server_time` is subtracted. Nothing when it is
// neither.
std::optional<absl::Duration> ReadRetryAfter(std::string_view header, absl::Time server_time);
// A date in an HTTP header.
std::optional<absl::Time> ReadHttpDate(std::string_view header);

}  // namespace trunkline::tracking
