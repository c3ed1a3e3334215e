// Errors across boundaries: absl::Status, with a google.rpc.ErrorInfo as payload where a caller may want to act on the
// reason.
//
//   return Error(absl::StatusCode::kNotFound, Reason::REASON_CALL_NOT_FOUND, Concat("no call ", id), {{"call_id",
//   id}});
//
// The text says what is wrong, which one, and what to do. It holds no secret and no unmasked phone number.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "trunkline/errors/v1/reason.pb.h"

namespace trunkline {

using errors::v1::Reason;

// An error with a reason and the values that vary.
absl::Status Error(absl::StatusCode code, Reason reason, std::string_view message,
                   const std::map<std::string, std::string>& metadata = {});

// A wrong field of a request: its path in the request ("plan.verbs[0].say.text") and what it must be.
struct FieldViolation {
  std::string field;
  std::string description;
};

// INVALID_ARGUMENT that names every wrong field (google.rpc.BadRequest). `violations` is not empty.
absl::Status InvalidFields(const std::vector<FieldViolation>& violations);

// The same error, telling the caller when to try again (google.rpc.RetryInfo).
absl::Status WithRetryAfter(absl::Status status, absl::Duration delay);

// What Error() put in; REASON_UNSPECIFIED when the status carries none.
Reason ReasonOf(const absl::Status& status);
// What WithRetryAfter() put in.
std::optional<absl::Duration> RetryAfterOf(const absl::Status& status);

// The same error with words in front of its text: "reading config: no such file".
absl::Status Annotate(const absl::Status& status, std::string_view context);

}  // namespace trunkline

#define TL_STATUS_CONCAT_INNER(a, b) a##b
#define TL_STATUS_CONCAT(a, b) TL_STATUS_CONCAT_INNER(a, b)

// Returns from the function when `expression`, an absl::Status, is an error.
#define TL_RETURN_IF_ERROR(expression)                                            \
  do {                                                                            \
    if (absl::Status tl_status = (expression); !tl_status.ok()) return tl_status; \
  } while (false)

// Declares or assigns `target` from an absl::StatusOr, or returns its error.
#define TL_ASSIGN_OR_RETURN(target, expression) \
  TL_ASSIGN_OR_RETURN_INNER(TL_STATUS_CONCAT(tl_status_or_, __LINE__), target, expression)
#define TL_ASSIGN_OR_RETURN_INNER(temporary, target, expression) \
  auto temporary = (expression);                                 \
  if (!temporary.ok()) return temporary.status();                \
  target = std::move(temporary).value()
