#include "libs/providers/provider_status.h"

#include <algorithm>
#include <utility>

#include "absl/strings/cord.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::providers {
namespace {

constexpr int kTooManyRequests = 429;
constexpr int64_t kLongestRetryAfter = 3'600;
constexpr std::string_view kPayload = "type.googleapis.com/trunkline.calls.v1.CallError";

absl::StatusCode CodeOf(const calls::v1::CallError& error) {
  if (error.retryable()) return absl::StatusCode::kUnavailable;
  switch (error.code()) {
    case calls::v1::CALL_ERROR_CODE_NOT_FOUND:
      return absl::StatusCode::kNotFound;
    case calls::v1::CALL_ERROR_CODE_UNAUTHORIZED:
      return absl::StatusCode::kPermissionDenied;
    case calls::v1::CALL_ERROR_CODE_UNSUPPORTED:
      return absl::StatusCode::kUnimplemented;
    case calls::v1::CALL_ERROR_CODE_RATE_LIMITED:
    case calls::v1::CALL_ERROR_CODE_UNAVAILABLE:
    case calls::v1::CALL_ERROR_CODE_TIMEOUT:
    case calls::v1::CALL_ERROR_CODE_BAD_RESPONSE:
      return absl::StatusCode::kUnavailable;
    default:
      return absl::StatusCode::kFailedPrecondition;
  }
}

// "FEATURE_BLIND_TRANSFER" -> "blind transfer"
std::string WordsOf(v1::Feature feature) {
  constexpr std::string_view kPrefix = "FEATURE_";
  std::string words = Lower(v1::Feature_Name(feature).substr(kPrefix.size()));
  for (char& c : words) {
    if (c == '_') c = ' ';
  }
  return words;
}

DialOutcome Problem(DialOutcome::Kind kind, calls::v1::CallErrorCode code, std::string_view message, bool retryable) {
  DialOutcome outcome;
  outcome.kind = kind;
  outcome.error.set_code(code);
  outcome.error.set_message(std::string(message));
  outcome.error.set_retryable(retryable);
  return outcome;
}

}  // namespace

absl::Status Unsupported(std::string_view provider, v1::Feature feature) {
  return Error(absl::StatusCode::kUnimplemented, Reason::REASON_UNSUPPORTED_BY_PROVIDER,
               UnsupportedError(provider, feature).message(),
               {{"provider", std::string(provider)}, {"feature", v1::Feature_Name(feature)}});
}

calls::v1::CallError UnsupportedError(std::string_view provider, v1::Feature feature) {
  calls::v1::CallError error;
  error.set_code(calls::v1::CALL_ERROR_CODE_UNSUPPORTED);
  error.set_message(Concat(provider, " has no ", WordsOf(feature)));
  return error;
}

absl::Status StatusOf(std::string_view provider, const calls::v1::CallError& error) {
  absl::Status status(CodeOf(error),
                      ToAbsl(Concat(provider, ": ", error.message(),
                                    error.provider_code().empty() ? "" : Concat(" (", error.provider_code(), ")"))));
  status.SetPayload(ToAbsl(kPayload), absl::Cord(error.SerializeAsString()));
  return status;
}

std::optional<calls::v1::CallError> CallErrorOf(const absl::Status& status) {
  const auto payload = status.GetPayload(ToAbsl(kPayload));
  calls::v1::CallError error;
  if (!payload.has_value() || !error.ParseFromString(std::string(*payload))) return std::nullopt;
  return error;
}

absl::Status StatusOfNoAnswer(std::string_view provider, const absl::Status& sent) {
  // Of a transfer that was not wanted any more: no fault of the provider.
  if (sent.code() == absl::StatusCode::kCancelled) return sent;
  const bool wrong_url = sent.code() == absl::StatusCode::kInvalidArgument;
  return absl::Status(wrong_url ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kUnavailable,
                      ToAbsl(Concat(provider, ": no answer: ", ToStd(sent.message()))));
}

DialOutcome OutcomeOfNoAnswer(const absl::Status& sent) {
  switch (sent.code()) {
    case absl::StatusCode::kUnavailable:
      return Problem(DialOutcome::Kind::kRejected, calls::v1::CALL_ERROR_CODE_UNAVAILABLE,
                     "the provider could not be reached", true);
    case absl::StatusCode::kInvalidArgument:
      return Problem(DialOutcome::Kind::kRejected, calls::v1::CALL_ERROR_CODE_INVALID_CONFIG,
                     "the URL of the provider's API is not valid", false);
    case absl::StatusCode::kDeadlineExceeded:
      return Problem(DialOutcome::Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_TIMEOUT,
                     "the provider did not answer in time", false);
    case absl::StatusCode::kOutOfRange:
      return Problem(DialOutcome::Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_BAD_RESPONSE,
                     "the provider's answer is too long", false);
    default:
      return Problem(DialOutcome::Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_UNAVAILABLE,
                     "the connection to the provider broke", false);
  }
}

DialOutcome OutcomeOfRefusal(int http_status, calls::v1::CallError error, std::optional<absl::Duration> retry_after) {
  DialOutcome outcome;
  const bool certain = http_status >= 400 && http_status < 500 && http_status != 408;
  outcome.kind = certain ? DialOutcome::Kind::kRejected : DialOutcome::Kind::kInDoubt;
  outcome.error = std::move(error);
  // What is in doubt must be found out, not asked for again.
  if (!certain) outcome.error.set_retryable(false);
  if (http_status == kTooManyRequests) outcome.retry_after = retry_after;
  return outcome;
}

std::optional<absl::Duration> ReadRetryAfter(std::string_view header) {
  const std::optional<int64_t> seconds = ParseInt(Trim(header));
  if (!seconds.has_value() || *seconds < 0) return std::nullopt;
  return absl::Seconds(std::min(*seconds, kLongestRetryAfter));
}

DialOutcome OutcomeOfStrangeAnswer() {
  return Problem(DialOutcome::Kind::kInDoubt, calls::v1::CALL_ERROR_CODE_BAD_RESPONSE,
                 "the provider's answer could not be understood", false);
}

}  // namespace trunkline::providers
