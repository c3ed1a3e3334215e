#include "services/gateway/request/provider_errors.h"

#include "libs/base/log.h"
#include "libs/base/status.h"
#include "libs/base/text.h"

namespace trunkline::gateway {

absl::Status ProviderError(const absl::Status& cause, std::string_view doing) {
  const std::string message = MaskNumbers(Concat(doing, ": ", ToStd(cause.message())));
  switch (cause.code()) {
    case absl::StatusCode::kUnimplemented:
      // The adapter's own names provider and feature.
      if (ReasonOf(cause) != Reason::REASON_UNSPECIFIED) return cause;
      return Error(absl::StatusCode::kUnimplemented, Reason::REASON_UNSUPPORTED_BY_PROVIDER, message);
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kInvalidArgument:
      return Error(absl::StatusCode::kFailedPrecondition, Reason::REASON_PROVIDER_REJECTED, message);
    default:
      LogWarning("a provider could not be asked", {{"doing", doing}, {"error", cause}});
      return WithRetryAfter(Error(absl::StatusCode::kUnavailable, Reason::REASON_PROVIDER_UNAVAILABLE, message),
                            absl::Seconds(1));
  }
}

}  // namespace trunkline::gateway
