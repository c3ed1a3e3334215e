#include "libs/tracking/tracking_error.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/cord.h"
#include "libs/base/status.h"
#include "libs/base/text.h"
#include "libs/telephony/timestamps.h"

namespace trunkline::tracking {
namespace {

constexpr std::string_view kPayload = "type.googleapis.com/trunkline.tracking.v1.TrackingError";
constexpr absl::Duration kLongestRetryAfter = absl::Minutes(15);
constexpr absl::Duration kMinuteJitter = absl::Seconds(5);
constexpr int kBadResponseAttempts = 3;
constexpr int kUnknownColumnAttempts = 2;

absl::StatusCode StatusCodeOf(const v1::TrackingError& error) {
  switch (error.code()) {
    case v1::TRACKING_ERROR_CODE_NOT_FOUND:
    case v1::TRACKING_ERROR_CODE_GONE:
      return absl::StatusCode::kNotFound;
    case v1::TRACKING_ERROR_CODE_AUTH_INVALID:
    case v1::TRACKING_ERROR_CODE_SIGNATURE_INVALID:
      return absl::StatusCode::kUnauthenticated;
    case v1::TRACKING_ERROR_CODE_FORBIDDEN:
      return absl::StatusCode::kPermissionDenied;
    case v1::TRACKING_ERROR_CODE_UNSUPPORTED:
      return absl::StatusCode::kUnimplemented;
    case v1::TRACKING_ERROR_CODE_RATE_LIMITED:
      return absl::StatusCode::kResourceExhausted;
    case v1::TRACKING_ERROR_CODE_CONFIG_INVALID:
      return absl::StatusCode::kInvalidArgument;
    default:
      return error.retryable() ? absl::StatusCode::kUnavailable : absl::StatusCode::kFailedPrecondition;
  }
}

// "FEATURE_LIST_BY_END" -> "list by end"
std::string WordsOf(v1::Feature feature) {
  constexpr std::string_view kPrefix = "FEATURE_";
  std::string words = Lower(v1::Feature_Name(feature).substr(kPrefix.size()));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// How long until the allowance that was used up is given anew.
std::optional<absl::Duration> UntilRenewal(v1::RateLimitUnit unit, absl::Time now, double chance) {
  const auto until_next = [now](absl::Duration length) {
    const absl::Duration into = (now - absl::UnixEpoch()) % length;
    return length - into;
  };
  switch (unit) {
    case v1::RATE_LIMIT_UNIT_SECOND:
      return absl::Seconds(1) + chance * absl::Seconds(1);
    case v1::RATE_LIMIT_UNIT_MINUTE:
      return until_next(absl::Minutes(1)) + chance * kMinuteJitter;
    case v1::RATE_LIMIT_UNIT_HOUR:
      return until_next(absl::Hours(1)) + chance * kMinuteJitter;
    case v1::RATE_LIMIT_UNIT_DAY:
      return until_next(absl::Hours(24)) + chance * kMinuteJitter;
    default:
      return std::nullopt;
  }
}

int MostAttempts(const v1::TrackingError& error, const RetryPolicy& policy) {
  switch (error.code()) {
    case v1::TRACKING_ERROR_CODE_BAD_RESPONSE:
      return kBadResponseAttempts;
    case v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN:
      return kUnknownColumnAttempts;
    case v1::TRACKING_ERROR_CODE_RATE_LIMITED:
      return std::max(policy.attempts, static_cast<int>(policy.rate_limit_steps.size()) + 1);
    default:
      return policy.attempts;
  }
}

}  // namespace

bool IsRetryable(v1::TrackingErrorCode code) {
  switch (code) {
    case v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN:
    case v1::TRACKING_ERROR_CODE_RATE_LIMITED:
    case v1::TRACKING_ERROR_CODE_SERVER_ERROR:
    case v1::TRACKING_ERROR_CODE_MAINTENANCE:
    case v1::TRACKING_ERROR_CODE_TIMEOUT:
    case v1::TRACKING_ERROR_CODE_NETWORK:
    case v1::TRACKING_ERROR_CODE_BAD_RESPONSE:
    case v1::TRACKING_ERROR_CODE_PARTIAL_RESULT:
    case v1::TRACKING_ERROR_CODE_CURSOR_REJECTED:
    case v1::TRACKING_ERROR_CODE_CURSOR_LOOP:
      return true;
    default:
      return false;
  }
}

std::string NameOf(v1::TrackingErrorCode code) {
  constexpr std::string_view kPrefix = "TRACKING_ERROR_CODE_";
  return Lower(std::string_view(v1::TrackingErrorCode_Name(code)).substr(kPrefix.size()));
}

v1::TrackingError MakeError(std::string_view platform, v1::TrackingErrorCode code, std::string_view message) {
  v1::TrackingError error;
  error.set_platform(std::string(platform));
  error.set_code(code);
  error.set_retryable(IsRetryable(code));
  error.set_message(ToStorableText(message));
  return error;
}

absl::Status StatusOf(const v1::TrackingError& error) {
  absl::Status status(StatusCodeOf(error),
                      ToAbsl(Concat(error.platform(), ": ", NameOf(error.code()), ": ", error.message())));
  if (error.has_retry_after()) {
    status = WithRetryAfter(std::move(status), telephony::FromProto(error.retry_after()));
  }
  status.SetPayload(ToAbsl(kPayload), absl::Cord(error.SerializeAsString()));
  return status;
}

absl::Status Unsupported(std::string_view platform, v1::Feature feature) {
  const v1::TrackingError error =
      MakeError(platform, v1::TRACKING_ERROR_CODE_UNSUPPORTED, Concat("there is no ", WordsOf(feature)));
  absl::Status status = Error(absl::StatusCode::kUnimplemented, Reason::REASON_UNSUPPORTED_BY_PROVIDER,
                              Concat(platform, " has no ", WordsOf(feature)),
                              {{"platform", std::string(platform)}, {"feature", v1::Feature_Name(feature)}});
  status.SetPayload(ToAbsl(kPayload), absl::Cord(error.SerializeAsString()));
  return status;
}

std::optional<v1::TrackingError> TrackingErrorOf(const absl::Status& status) {
  const auto payload = status.GetPayload(ToAbsl(kPayload));
  v1::TrackingError error;
  if (!payload.has_value() || !error.ParseFromString(std::string(*payload))) return std::nullopt;
  return error;
}

v1::TrackingErrorCode CodeOf(const absl::Status& status) {
  const std::optional<v1::TrackingError> error = TrackingErrorOf(status);
  return error.has_value() ? error->code() : v1::TRACKING_ERROR_CODE_UNSPECIFIED;
}

std::string DescribeError(const absl::Status& status) {
  const std::optional<v1::TrackingError> error = TrackingErrorOf(status);
  return error.has_value() ? Concat(NameOf(error->code()), ": ", error->message()) : std::string(status.message());
}

std::optional<absl::Duration> RetryDelay(const v1::TrackingError& error, int attempt, absl::Time now, double chance,
                                         const RetryPolicy& policy) {
  if (!error.retryable() || attempt < 1 || attempt >= MostAttempts(error, policy)) return std::nullopt;
  if (error.code() == v1::TRACKING_ERROR_CODE_UNKNOWN_COLUMN) return absl::ZeroDuration();
  std::optional<absl::Duration> delay;
  if (error.code() == v1::TRACKING_ERROR_CODE_RATE_LIMITED) {
    // These are exact, and some last until tomorrow.
    delay = UntilRenewal(error.exceeded(), now, chance);
    if (delay.has_value()) return delay;
    if (!policy.rate_limit_steps.empty()) {
      delay = policy.rate_limit_steps[std::min(static_cast<size_t>(attempt), policy.rate_limit_steps.size()) - 1];
    }
  }
  if (!delay.has_value()) delay = std::min(std::exp2(std::min(attempt, 30)) * policy.base, policy.longest);
  *delay *= 1 + policy.jitter * (2 * chance - 1);
  if (error.has_retry_after()) {
    *delay = std::max(*delay, std::min(telephony::FromProto(error.retry_after()), kLongestRetryAfter));
  }
  return delay;
}

std::optional<absl::Time> ReadHttpDate(std::string_view header) {
  absl::Time time;
  std::string error;
  header = Trim(header);
  if (header.size() > 40 || !absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", ToAbsl(header), &time, &error)) {
    return std::nullopt;
  }
  return time;
}

std::optional<absl::Duration> ReadRetryAfter(std::string_view header, absl::Time server_time) {
  header = Trim(header);
  if (const auto seconds = ParseInt(header); seconds.has_value()) {
    if (*seconds < 0) return std::nullopt;
    return absl::Seconds(std::min<int64_t>(*seconds, absl::ToInt64Seconds(absl::Hours(24))));
  }
  const std::optional<absl::Time> date = ReadHttpDate(header);
  if (!date.has_value()) return std::nullopt;
  return std::clamp(*date - server_time, absl::ZeroDuration(), absl::Hours(24));
}

}  // namespace trunkline::tracking
