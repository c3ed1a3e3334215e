// How a provider's errors are told by the functions of an adapter that return a status.
//
//   NOT_FOUND             no such call or recording
//   FAILED_PRECONDITION   the call is in no state for it, or the provider refuses the request as it is
//   PERMISSION_DENIED     the credentials are refused
//   UNAVAILABLE           not processed, or safe to repeat
//   UNIMPLEMENTED         the provider has no such thing; ErrorInfo names provider and feature
//
// The CallError with the provider's own code travels along as a payload.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "libs/providers/call_client.h"
#include "trunkline/calls/v1/call.pb.h"
#include "trunkline/providers/v1/feature.pb.h"

namespace trunkline::providers {

// The provider lacks the feature.
absl::Status Unsupported(std::string_view provider, v1::Feature feature);
calls::v1::CallError UnsupportedError(std::string_view provider, v1::Feature feature);

// What the provider answered. `retryable` errors are UNAVAILABLE.
absl::Status StatusOf(std::string_view provider, const calls::v1::CallError& error);
// What StatusOf() put in, if anything.
std::optional<calls::v1::CallError> CallErrorOf(const absl::Status& status);

// Of a request that brought no answer (see libs/http/client.h) and may be repeated.
absl::Status StatusOfNoAnswer(std::string_view provider, const absl::Status& sent);
// Of a request to place a call that brought no answer: rejected when it certainly never arrived, else in doubt.
DialOutcome OutcomeOfNoAnswer(const absl::Status& sent);
// Of an answer that says no. What the provider may have carried out all the same (5xx, 408) is in doubt, and is never
// to be asked for again; every other refusal, 429 above all, is certain. `retry_after` is what the answer's header says
// (ReadRetryAfter); it counts with 429 alone.
DialOutcome OutcomeOfRefusal(int http_status, calls::v1::CallError error,
                             std::optional<absl::Duration> retry_after = std::nullopt);
// The value of a Retry-After header in seconds. Nothing when there is none; a date is none, since clocks differ.
std::optional<absl::Duration> ReadRetryAfter(std::string_view header);
// In doubt, for an answer that cannot be understood.
DialOutcome OutcomeOfStrangeAnswer();

}  // namespace trunkline::providers
