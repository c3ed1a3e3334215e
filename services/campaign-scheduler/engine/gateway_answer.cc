#include "services/campaign-scheduler/engine/gateway_answer.h"

#include <algorithm>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "libs/base/status.h"

namespace trunkline::scheduler {
namespace {

constexpr absl::string_view kBadRequestUrl = "type.googleapis.com/google.rpc.BadRequest";

bool IsNumberAlone(const absl::Status& error) {
  const absl::optional<absl::Cord> payload = error.GetPayload(kBadRequestUrl);
  google::rpc::BadRequest bad_request;
  if (!payload.has_value() || !bad_request.ParseFromString(std::string(*payload))) return false;
  const auto& violations = bad_request.field_violations();
  return !violations.empty() && std::all_of(violations.begin(), violations.end(),
                                            [](const auto& violation) { return violation.field() == "to"; });
}

}  // namespace

DialRefusal Understand(const absl::Status& error) {
  switch (ReasonOf(error)) {
    case Reason::REASON_REQUEST_ID_REUSED:
      return DialRefusal::kKnown;
    case Reason::REASON_RATE_LIMITED:
    case Reason::REASON_LIMIT_REACHED:
    case Reason::REASON_SPENDING_CAP_REACHED:
    case Reason::REASON_PROVIDER_ACCOUNT_RESTING:
    case Reason::REASON_DIAL_TOO_LATE:
      return DialRefusal::kNotNow;
    case Reason::REASON_WARM_UP_FAILED:
      return DialRefusal::kWarmUpFailed;
    case Reason::REASON_DESTINATION_BLOCKED:
      return DialRefusal::kForbidden;
    case Reason::REASON_INVALID_FIELD:
      return IsNumberAlone(error) ? DialRefusal::kBadNumber : DialRefusal::kUnfit;
    case Reason::REASON_PROVIDER_ACCOUNT_NOT_FOUND:
    case Reason::REASON_PROVIDER_ACCOUNT_DISABLED:
    case Reason::REASON_NO_DEFAULT_PROVIDER_ACCOUNT:
    case Reason::REASON_NO_DEFAULT_NUMBER:
    case Reason::REASON_NUMBER_NOT_OWNED:
    case Reason::REASON_UNKNOWN_PROVIDER:
    case Reason::REASON_UNSUPPORTED_BY_PROVIDER:
      return DialRefusal::kBadSettings;
    default:
      break;
  }
  switch (error.code()) {
    case absl::StatusCode::kUnauthenticated:  // the deployment's token, no fault of the campaign
    case absl::StatusCode::kPermissionDenied:
      return DialRefusal::kNotNow;
    case absl::StatusCode::kInvalidArgument:
      return DialRefusal::kUnfit;
    default:
      return DialRefusal::kInDoubt;
  }
}

}  // namespace trunkline::scheduler
